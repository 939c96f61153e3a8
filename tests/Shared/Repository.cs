namespace DecentralizedLion.Tests;

/// <summary>The checkout that the tests were built from.</summary>
static class Repository
{
    /// <summary>Its folder.</summary>
    public static string Root { get; } = Find();

    /// <summary>Debug or Release, as the tests were built.</summary>
    public static string Configuration => new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;

    static string Find()
    {
        string folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "DecentralizedLion.sln")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("the tests are outside a checkout");
        return folder;
    }
}
