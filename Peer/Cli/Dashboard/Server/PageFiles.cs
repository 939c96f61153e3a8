using System.Reflection;

namespace DecentralizedLion.Peer.Cli.Dashboard.Server;

/// <summary>The files of the page, which are part of the program.</summary>
static class PageFiles
{
    const string Prefix = "page/";

    /// <summary>All of them, by the path in the page's address.</summary>
    public static IReadOnlyDictionary<string, PageFile> Load()
    {
        var program = typeof(PageFiles).Assembly;
        return program.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
            .ToDictionary(name => "/" + name[Prefix.Length..], name => new PageFile(Read(program, name), TypeOf(name)),
                StringComparer.Ordinal);
    }

    static byte[] Read(Assembly program, string name)
    {
        using var resource = program.GetManifestResourceStream(name)!;
        var bytes = new byte[resource.Length];
        resource.ReadExactly(bytes);
        return bytes;
    }

    static string TypeOf(string name) => Path.GetExtension(name) switch
    {
        ".html" => "text/html; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".svg" => "image/svg+xml",
        var other => throw new InvalidOperationException($"{name}: the media type of {other} files is not known"),
    };
}

/// <summary>A file of the page.</summary>
/// <param name="Content">Its bytes.</param>
/// <param name="Type">Its media type.</param>
sealed record PageFile(byte[] Content, string Type);
