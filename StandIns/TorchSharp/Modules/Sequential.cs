using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>Runs its modules one after the other; what only lies between two of them is disposed of at once.</summary>
public class Sequential : nn.Module<Tensor, Tensor>
{
    readonly List<nn.Module<Tensor, Tensor>> items = [];

    protected internal Sequential(params (string name, nn.Module<Tensor, Tensor> submodule)[] modules)
        : base(nameof(Sequential))
    {
        foreach (var (name, module) in modules)
        {
            register_module(name, module);
            items.Add(module);
        }
    }

    protected internal Sequential(params nn.Module<Tensor, Tensor>[] modules)
        : this([.. modules.Select((module, i) => ($"{i}", module))])
    {
    }

    public int Count => items.Count;

    public override Tensor forward(Tensor tensor)
    {
        if (items.Count == 0)
            return tensor.alias();
        var current = items[0].call(tensor);
        foreach (var module in items.Skip(1))
        {
            var next = module.call(current);
            current.Dispose();
            current = next;
        }

        return current;
    }

    protected override void RegisterComponents()
    {
    }
}
