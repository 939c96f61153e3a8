using System.Text.Encodings.Web;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace DecentralizedLion.Peer.Cli.Logging;

/// <summary>The log provider that writes each record as one line of JSON, by the JSON formatter of .NET's console log; at once
/// and on the caller's thread, to an output that may fail.</summary>
sealed class JsonLines : ILoggerProvider
{
    readonly Lock one = new();
    readonly ServiceProvider services;
    readonly ConsoleFormatter formatter;
    readonly TextWriter output;

    /// <param name="output">The place where lines go.</param>
    public JsonLines(TextWriter output)
    {
        this.output = output;
        services = new ServiceCollection().AddLogging(logging => logging.AddJsonConsole(json =>
        {
            json.UseUtcTimestamp = true;
            json.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ";
            json.JsonWriterOptions = json.JsonWriterOptions with { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        })).BuildServiceProvider();
        formatter = services.GetServices<ConsoleFormatter>().Single(known => known.Name == ConsoleFormatterNames.Json);
    }

    public ILogger CreateLogger(string categoryName) => new Log(this, categoryName);

    public void Dispose() => services.Dispose();

    void Write<TState>(in LogEntry<TState> entry)
    {
        using var line = new StringWriter();
        formatter.Write(entry, null, line);
        lock (one)
        {
            output.Write(line.ToString());
            output.Flush();
        }
    }

    sealed class Log(JsonLines lines, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter) =>
            lines.Write(new LogEntry<TState>(logLevel, category, eventId, state, exception, formatter));
    }
}
