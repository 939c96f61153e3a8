using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CustomModel;

/// <summary>Points of a plane in, one logit for each of three spirals out.</summary>
sealed class Network : nn.Module<Tensor, Tensor>
{
    readonly Linear first = nn.Linear(2, 64), second = nn.Linear(64, 64), third = nn.Linear(64, 3);

    public Network() : base(nameof(Network)) => RegisterComponents();

    public override Tensor forward(Tensor x) => third.call(second.call(first.call(x).relu()).relu());
}
