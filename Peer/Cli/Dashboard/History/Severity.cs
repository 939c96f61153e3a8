using System.Text.Json.Serialization;

namespace DecentralizedLion.Peer.Cli.Dashboard.History;

/// <summary>The weight of an event or a condition for a person.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Severity>))]
enum Severity
{
    /// <summary>The course of things.</summary>
    Info,

    /// <summary>It came right again.</summary>
    Good,

    /// <summary>Worth a look; the ring copes by itself.</summary>
    Warning,

    /// <summary>Somebody has to do something.</summary>
    Serious,
}
