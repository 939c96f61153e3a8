using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace DecentralizedLion.Models.Networks;

/// <summary>A network from a TorchScript file. Its parameters and buffers are those of the module in the file, by the names that
/// PyTorch gives them.</summary>
sealed class TorchScriptNetwork : nn.Module<Tensor, Tensor>
{
    readonly jit.ScriptModule<Tensor, Tensor> script;

    TorchScriptNetwork(jit.ScriptModule<Tensor, Tensor> script)
        : base(nameof(TorchScriptNetwork)) => this.script = script;

    /// <summary>The mode of the module in the file: what dropout and batch normalisation go by.</summary>
    public override bool training => script.training;

    public override Tensor forward(Tensor x) => script.call(x);

    public override void train(bool on = true) => script.train(on);

    public override void eval() => script.eval();

    public override void zero_grad(bool set_to_none = true) => script.zero_grad(set_to_none);

    public override IEnumerable<(string name, Parameter parameter)> named_parameters(bool recurse = true) =>
        script.named_parameters(recurse);

    public override IEnumerable<Parameter> parameters(bool recurse = true) => script.parameters(recurse);

    public override IEnumerable<(string name, Tensor buffer)> named_buffers(
        bool recurse = true, bool include_nonpersistent = true) => script.named_buffers(recurse, include_nonpersistent);

    public override IEnumerable<Tensor> buffers(bool recurse = true, bool include_nonpersistent = true) =>
        script.buffers(recurse, include_nonpersistent);

    /// <summary>Writes the module with its present weights, in the mode it is in, as a TorchScript file.</summary>
    public void Save(string path) => jit.save(script, path);

    /// <summary>The network in training mode, with the weights of the file, in host memory.</summary>
    /// <exception cref="ArgumentException">There is no such network, or it does not fit the data. Names the file.</exception>
    internal static TorchScriptNetwork Load(TorchScriptSettings settings, long[] sampleShape, int classes)
    {
        var script = TorchScriptFile.Open(settings.Path);
        try
        {
            TorchScriptChecks.CheckParameters(settings.Path, script);
            script.eval();
            // A network that takes any number of samples takes one and two.
            TorchScriptChecks.CheckForward(settings.Path, script, [1, .. sampleShape], classes);
            TorchScriptChecks.CheckForward(settings.Path, script, [2, .. sampleShape], classes);
            script.train();
            return new TorchScriptNetwork(script);
        }
        catch
        {
            script.Dispose();
            throw;
        }
    }

    protected override nn.Module _to(Device device, ScalarType dtype, bool non_blocking)
    {
        script.to(device, dtype, non_blocking: non_blocking);
        return this;
    }

    protected override nn.Module _to(DeviceType deviceType, int deviceIndex, bool non_blocking)
    {
        script.to(deviceType, deviceIndex, non_blocking: non_blocking);
        return this;
    }

    protected override nn.Module _to(ScalarType dtype, bool non_blocking)
    {
        script.to(dtype, non_blocking: non_blocking);
        return this;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            script.Dispose();
        base.Dispose(disposing);
    }
}
