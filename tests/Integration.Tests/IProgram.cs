namespace DecentralizedLion.Integration.Tests;

/// <summary>One command of the program that runs, or has run, in some process.</summary>
interface IProgram : IDisposable
{
    /// <summary>The process that it runs in.</summary>
    int Id { get; }

    /// <summary>Gives every line that it prints to an action, until it has ended.</summary>
    /// <returns>Its exit code.</returns>
    Task<int> Read(Action<string> line);

    /// <summary>Writes a line to its standard input.</summary>
    void Say(string line);

    /// <summary>Ends it and its process at once, unless it has ended.</summary>
    void Kill();
}
