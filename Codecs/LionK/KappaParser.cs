using System.Globalization;

namespace DecentralizedLion.Codecs.LionK;

/// <summary>The texts of <see cref="Kappa"/>: a name, and for all but sign a number in parentheses.</summary>
static class KappaParser
{
    static readonly (string Name, string Allowed, Func<double, Kappa> Make)[] Forms =
    [
        (LpKappa.Name, LpKappa.Allowed, p => new LpKappa(p)),
        (HuberKappa.Name, HuberKappa.Allowed, e => new HuberKappa(e)),
        (SoftThresholdKappa.Name, SoftThresholdKappa.Allowed, t => new SoftThresholdKappa((float)t)),
        (TopKKappa.Name, TopKKappa.Allowed, fraction => new TopKKappa(fraction)),
        (GroupKappa.Name, GroupKappa.Allowed, size => new GroupKappa(Whole(size))),
        (TanhKappa.Name, TanhKappa.Allowed, a => new TanhKappa(a)),
    ];

    public static Kappa Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var trimmed = text.Trim();
        if (trimmed == SignKappa.Name)
            return Kappa.Sign;

        var open = trimmed.IndexOf('(');
        var name = open < 0 ? trimmed : trimmed[..open];
        foreach (var form in Forms)
        {
            if (form.Name != name)
                continue;
            if (open < 0 || !trimmed.EndsWith(')')
                || !double.TryParse(trimmed[(open + 1)..^1], NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
                throw Bad(text, $"{form.Allowed} is allowed", null);
            try
            {
                return form.Make(number);
            }
            catch (ArgumentOutOfRangeException e)
            {
                throw Bad(text, $"{form.Allowed} is allowed", e);
            }
        }

        throw Bad(text, $"{SignKappa.Name}, {string.Join(", ", Forms.Select(form => form.Allowed))} are allowed", null);
    }

    public static string Of(string name, IFormattable number) =>
        $"{name}({number.ToString(null, CultureInfo.InvariantCulture)})";

    /// <summary>The parameter of a 𝒦, when it is in its bounds.</summary>
    public static T Checked<T>(T number, bool good, string allowed, string parameter) =>
        good ? number : throw new ArgumentOutOfRangeException(parameter, number, $"{allowed} is allowed.");

    static int Whole(double number) => number == Math.Floor(number) && Math.Abs(number) < int.MaxValue ? (int)number : -1;

    static KappaException Bad(string text, string allowed, Exception? inner) => new(text, allowed, inner);
}
