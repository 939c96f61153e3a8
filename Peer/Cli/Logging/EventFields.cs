using System.Collections;

namespace DecentralizedLion.Peer.Cli.Logging;

/// <summary>The fields of a log record about an event, in their order, without those that have no value.</summary>
/// <param name="message">The sentence.</param>
/// <param name="fields">The fields.</param>
sealed class EventFields(string message, params IReadOnlyList<(string Name, object? Value)> fields)
    : IReadOnlyList<KeyValuePair<string, object?>>
{
    readonly KeyValuePair<string, object?>[] present =
        [.. fields.Where(field => field.Value is not null).Select(field => KeyValuePair.Create(field.Name, field.Value))];

    public int Count => present.Length;

    public KeyValuePair<string, object?> this[int index] => present[index];

    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator() => present.AsEnumerable().GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public override string ToString() => message;
}
