using System.Collections;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

public class ModuleList<T> : nn.Module, IReadOnlyList<T>
    where T : nn.Module
{
    readonly List<T> items;
    bool registered;

    public ModuleList(params T[] modules)
        : base(nameof(ModuleList<T>)) => items = [.. modules];

    public int Count => items.Count;

    public T this[int index] => items[index];

    public IEnumerator<T> GetEnumerator() => items.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    protected override void RegisterComponents()
    {
        if (registered)
            return;
        registered = true;
        for (int i = 0; i < items.Count; i++)
            register_module($"{i}", items[i]);
    }
}
