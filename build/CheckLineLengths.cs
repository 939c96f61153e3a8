using System;
using System.IO;
using System.Linq;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

/// <summary>Reports each source line that is longer than allowed as an error. Generated files and those of packages are not
/// checked.</summary>
public class CheckLineLengths : Task
{
    /// <summary>The files that are compiled.</summary>
    [Required]
    public ITaskItem[] Sources { get; set; }

    /// <summary>The repository's folder, with a separator at its end: files elsewhere are not checked.</summary>
    [Required]
    public string Root { get; set; }

    /// <summary>The most characters that a line may have.</summary>
    [Required]
    public int LengthMax { get; set; }

    /// <inheritdoc/>
    public override bool Execute()
    {
        foreach (string path in Sources.Select(source => source.GetMetadata("FullPath")).Where(IsChecked))
        {
            int number = 0;
            foreach (string line in File.ReadLines(path))
            {
                number++;
                int length = line.Count(c => !char.IsLowSurrogate(c));
                if (length > LengthMax)
                    Log.LogError(null, null, null, path, number, LengthMax + 1, number, length,
                        "the line has {0} characters; at most {1} are allowed (.editorconfig, max_line_length)",
                        length, LengthMax);
            }
        }
        return !Log.HasLoggedErrors;
    }

    bool IsChecked(string path) => path.StartsWith(Root, StringComparison.Ordinal)
        && !path.Substring(Root.Length).Replace('\\', '/').Contains("/obj/");
}
