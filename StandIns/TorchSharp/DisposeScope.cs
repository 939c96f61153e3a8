namespace TorchSharp;

/// <summary>Owns the tensors made on this thread while it is the innermost scope, and disposes of them with itself.</summary>
public sealed class DisposeScope : IDisposable
{
    [ThreadStatic] static DisposeScope innermost;

    readonly HashSet<IDisposable> owned = new(ReferenceEqualityComparer.Instance);
    readonly DisposeScope outer;
    bool disposed;

    internal DisposeScope()
    {
        outer = innermost;
        innermost = this;
    }

    internal static DisposeScope Innermost => innermost;

    public int DisposablesCount => owned.Count;

    public IReadOnlyList<IDisposable> DisposablesView => [.. owned];

    public void Attach(IDisposable disposable)
    {
        if (disposable is torch.Tensor tensor)
        {
            tensor.Scope?.owned.Remove(tensor);
            tensor.Scope = this;
        }

        owned.Add(disposable);
    }

    public bool Contains(IDisposable disposable) => owned.Contains(disposable);

    public T Detach<T>(T disposable)
        where T : IDisposable
    {
        Forget(disposable);
        return disposable;
    }

    public T MoveToOuter<T>(T disposable)
        where T : IDisposable
    {
        if (!Forget(disposable))
            return disposable;
        outer?.Attach(disposable);
        return disposable;
    }

    public T MoveToOther<T>(DisposeScope scope, T disposable)
        where T : IDisposable
    {
        Forget(disposable);
        scope?.Attach(disposable);
        return disposable;
    }

    public void MarkAsDisposed(IDisposable disposable) => Forget(disposable);

    public void DisposeEverything()
    {
        IDisposable[] all = [.. owned];
        owned.Clear();
        foreach (var disposable in all)
        {
            if (disposable is torch.Tensor tensor)
                tensor.Scope = null;
            disposable.Dispose();
        }
    }

    public void Dispose()
    {
        if (disposed)
            return;
        disposed = true;
        DisposeEverything();
        // Scopes end in the reverse of their order; one that ends early takes those within along.
        for (var scope = innermost; scope is not null; scope = scope.outer)
        {
            if (scope != this)
                continue;
            innermost = outer;
            break;
        }
    }

    bool Forget(IDisposable disposable)
    {
        if (!owned.Remove(disposable))
            return false;
        if (disposable is torch.Tensor tensor)
            tensor.Scope = null;
        return true;
    }
}
