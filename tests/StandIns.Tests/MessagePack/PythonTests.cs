using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using MessagePack;

namespace DecentralizedLion.StandIns.Tests.MessagePack;

/// <summary>A second implementation, Debian's python3-msgpack: it reads what we write, and we read what it writes.</summary>
public sealed class PythonTests
{
    const int Count = 4000;

    /// <summary>Packs the lines of JSON that stand for values, checks ours against them, and writes its own.</summary>
    const string Script = """
        import base64, json, struct, sys
        try:
            import msgpack
        except ImportError:
            sys.exit(3)
        def value(v):
            kind, x = v
            if kind == 'i': return int(x)
            if kind == 'f': return struct.unpack('>d', bytes.fromhex(x))[0]
            if kind == 'b': return bytes.fromhex(x)
            if kind == 's': return bytes.fromhex(x).decode('utf-8')
            if kind == 'a': return [value(y) for y in x]
            if kind == 'm': return {value(k): value(y) for k, y in x}
            return {'t': True, 'n': None, 'z': False}[kind]
        for line in sys.stdin:
            ours, wanted = line.rstrip('\n').split('\t')
            wanted = value(json.loads(wanted))
            read = msgpack.unpackb(base64.b64decode(ours), raw=False, strict_map_key=False)
            same = repr(read) == repr(wanted)
            packed = msgpack.packb(wanted, use_bin_type=True)
            print(('same' if same else 'differs: ' + repr(read)) + '\t' + base64.b64encode(packed).decode())
        """;

    [Fact]
    public async Task Both_implementations_write_the_same_bytes_and_read_each_other()
    {
        var random = new Random(20);
        var values = new List<object?>();
        for (int i = 0; i < Count; i++)
            values.Add(Value(random, depth: 3));
        byte[][] ours = [.. values.Select(v => Samples.Write((ref MessagePackWriter w) => Write(ref w, v)))];
        string[] answers = await AskPython(values.Zip(ours, (v, b) => $"{Convert.ToBase64String(b)}\t{Json(v)}"));
        Assert.Equal(Count, answers.Length);
        for (int i = 0; i < Count; i++)
        {
            string[] answer = answers[i].Split('\t');
            Assert.Equal($"{i}: same", $"{i}: {answer[0]}");
            byte[] theirs = Convert.FromBase64String(answer[1]);
            Assert.Equal(Convert.ToHexString(theirs), Convert.ToHexString(ours[i]));
            Assert.Equal(Json(values[i]), Json(Samples.Read(theirs, Read)));
            if (theirs.Length < 200)
                Assert.Equal(Json(values[i]), Json(Samples.Read(Samples.InPieces(theirs), Read)));
        }
    }

    static async Task<string[]> AskPython(IEnumerable<string> lines)
    {
        var start = new ProcessStartInfo("/usr/bin/python3")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList = { "-c", Script },
        };
        using var python = new Process { StartInfo = start };
        try
        {
            python.Start();
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            Assert.Fail($"/usr/bin/python3 does not start ({e.Message}); ./setup.sh installs it.");
        }

        Task<string> output = python.StandardOutput.ReadToEndAsync();
        Task<string> error = python.StandardError.ReadToEndAsync();
        try
        {
            await using StreamWriter input = python.StandardInput;
            foreach (string line in lines)
                await input.WriteAsync(line + "\n");
        }
        catch (IOException)
        {
            // The exit code says why it no longer listens.
            await python.WaitForExitAsync();
        }

        await python.WaitForExitAsync();
        if (python.ExitCode == 3)
            Assert.Fail("python3-msgpack, the second implementation, is missing; ./setup.sh installs it.");
        Assert.True(python.ExitCode == 0, await error);
        return (await output).Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    static object? Value(Random random, int depth) => random.Next(depth > 0 ? 9 : 7) switch
    {
        0 => null,
        1 => random.Next(2) == 0,
        2 => unchecked((ulong)random.NextInt64(long.MinValue, long.MaxValue)) >> random.Next(64),
        3 => random.NextInt64(long.MinValue, long.MaxValue) >> random.Next(63),
        4 => BitConverter.Int64BitsToDouble(random.NextInt64() & ~(1L << 62) ^ (1L << 60)),
        5 => Bytes(random),
        6 => Text(random),
        7 => Enumerable.Range(0, random.Next(20)).Select(_ => Value(random, depth - 1)).ToList(),
        _ => Enumerable.Range(0, random.Next(20)).Select(i => KeyValuePair.Create($"{i}", Value(random, depth - 1))).ToList(),
    };

    static byte[] Bytes(Random random)
    {
        byte[] bytes = new byte[random.Next(100) == 0 ? random.Next(80_000) : random.Next(300)];
        random.NextBytes(bytes);
        return bytes;
    }

    static string Text(Random random)
    {
        var text = new StringBuilder();
        for (int left = random.Next(40) == 0 ? random.Next(40_000) : random.Next(60); left > 0; left--)
            text.Append(new Rune(random.Next(4) switch { 0 => 0x1f981, 1 => 0xe9, 2 => 0x7345, _ => random.Next(32, 127) }));
        return text.ToString();
    }

    static void Write(ref MessagePackWriter writer, object? value)
    {
        switch (value)
        {
            case null:
                writer.WriteNil();
                break;
            case bool flag:
                writer.Write(flag);
                break;
            case ulong number:
                writer.Write(number);
                break;
            case long number:
                writer.Write(number);
                break;
            case double number:
                writer.Write(number);
                break;
            case byte[] bytes:
                writer.Write(bytes);
                break;
            case string text:
                writer.Write(text);
                break;
            case List<object?> list:
                writer.WriteArrayHeader(list.Count);
                foreach (object? element in list)
                    Write(ref writer, element);
                break;
            case List<KeyValuePair<string, object?>> map:
                writer.WriteMapHeader(map.Count);
                foreach ((string key, object? element) in map)
                {
                    writer.Write(key);
                    Write(ref writer, element);
                }

                break;
            default:
                throw new ArgumentException($"{value.GetType()} is no sample.", nameof(value));
        }
    }

    static object? Read(ref MessagePackReader reader)
    {
        switch (reader.NextMessagePackType)
        {
            case MessagePackType.Nil:
                return reader.ReadNil() == Nil.Default ? null : "";
            case MessagePackType.Boolean:
                return reader.ReadBoolean();
            case MessagePackType.Integer:
                return reader.NextCode is MessagePackCode.UInt64 ? reader.ReadUInt64() : reader.ReadInt64();
            case MessagePackType.Float:
                return reader.ReadDouble();
            case MessagePackType.Binary:
                return reader.ReadBytes()!.Value.ToArray();
            case MessagePackType.String:
                return reader.ReadString();
            case MessagePackType.Array:
                var list = new List<object?>();
                for (int left = reader.ReadArrayHeader(); left > 0; left--)
                    list.Add(Read(ref reader));
                return list;
            case MessagePackType.Map:
                var map = new List<KeyValuePair<string, object?>>();
                for (int left = reader.ReadMapHeader(); left > 0; left--)
                    map.Add(KeyValuePair.Create(reader.ReadString()!, Read(ref reader)));
                return map;
            default:
                throw new ArgumentException($"{reader.NextMessagePackType} is no sample.");
        }
    }

    static string Json(object? value) => value switch
    {
        null => """["n",0]""",
        bool flag => flag ? """["t",0]""" : """["z",0]""",
        double number => $"""["f","{BitConverter.DoubleToInt64Bits(number):x16}"]""",
        byte[] bytes => $"""["b","{Convert.ToHexString(bytes)}"]""",
        string text => $"""["s","{Convert.ToHexString(Encoding.UTF8.GetBytes(text))}"]""",
        List<object?> list => $"""["a",[{string.Join(',', list.Select(Json))}]]""",
        List<KeyValuePair<string, object?>> map =>
            $"""["m",[{string.Join(',', map.Select(p => $"[{Json(p.Key)},{Json(p.Value)}]"))}]]""",
        _ => $"""["i",{JsonSerializer.Serialize(Convert.ToString(value, CultureInfo.InvariantCulture))}]""",
    };
}
