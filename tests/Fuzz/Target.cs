using DecentralizedLion.Fuzz.Inputs;

namespace DecentralizedLion.Fuzz;

/// <summary>A parser of bytes that are not our own, and what may come of an input: success, or the refusal that it
/// documents.</summary>
abstract class Target : IDisposable
{
    /// <summary>The result of <see cref="Run"/> for an input that was taken.</summary>
    public const string Accepted = "accepted";

    /// <summary>Its name on the command line.</summary>
    public abstract string Name { get; }

    /// <summary>Good inputs, as our own writers make them.</summary>
    public abstract IReadOnlyList<byte[]> Seeds { get; }

    /// <summary>True when its tokens are worth changing.</summary>
    public virtual bool IsText => false;

    /// <summary>No input is made longer, in bytes.</summary>
    public virtual int Longest => 4096;

    /// <summary>The number of inputs that go to the same state one after the other; to run one again, those before it run,
    /// too.</summary>
    public virtual int Episode => 1;

    /// <summary>Begins an episode.</summary>
    /// <param name="random">Decided by the episode.</param>
    public virtual void Begin(FuzzRandom random)
    {
    }

    /// <summary>Makes checksums and the like right again, so that what is behind them is reached.</summary>
    public virtual byte[] Repair(byte[] input, FuzzRandom random) => input;

    /// <summary>Gives the parser an input.</summary>
    /// <param name="input">Ends where the process's memory does.</param>
    /// <returns><see cref="Accepted"/>, or how it was refused. Whatever it throws is a bug.</returns>
    public abstract string Run(ReadOnlyMemory<byte> input);

    /// <summary>The most bytes that it may allocate for an input.</summary>
    /// <param name="length">The input's length.</param>
    public virtual long MostAllocated(int length) => (64 << 10) + 64L * length;

    public virtual void Dispose()
    {
    }

    /// <summary>For what must hold beside "it did not throw", such as: written again and read again it is the same.</summary>
    protected static void Must(bool holds, string what)
    {
        if (!holds)
            throw new InvariantViolatedException(what);
    }
}
