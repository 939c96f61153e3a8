namespace DecentralizedLion.Peer.Tests;

/// <summary>The folder of the repository, in which the tests were built.</summary>
static class Repository
{
    public static string Root { get; } = Find();

    static string Find()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "DecentralizedLion.sln")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("the tests are outside the repository");
        return folder;
    }
}
