using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using DecentralizedLion.Models.Datasets;
using DecentralizedLion.Models.Sampling;

namespace DecentralizedLion.Models.Tests.Datasets;

public sealed class FileFormatTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    public static TheoryData<string, string, byte[]> Others => new()
    {
        { "NumPy array (.npy: 'descr': '<u2', 'fortran_order': False, 'shape': (500,))", "astype('<u2')", Npy() },
        { "NumPy archive (.npz)", "astype('<u2')", Zip("arr_0.npy") },
        { "PyTorch file (.pt)", "tensor.numpy()", Zip("archive/data.pkl") },
        { "zip archive", "unzip", Zip("train.bin") },
        { "Python pickle", "astype", [0x80, 4, 0x95, 200, 0, 0, 0, 0, 0, 0, 0, .. new byte[400]] },
        { "token file of llm.c, with a header of 1024 bytes", "tail -c +1025", LlmC(20240520, 1) },
        { "llm.c for Llama 3, of 32-bit tokens", "tokenizer", LlmC(20240801, 7) },
        { "packed with gzip", "gunzip", Gzip() },
        { "packed with zstd", "zstd -d", [0x28, 0xB5, 0x2F, 0xFD, .. new byte[100]] },
        { "packed with xz", "xz -d", [0xFD, .. "7zXZ\0"u8, .. new byte[100]] },
        { "safetensors", "astype", [64, 0, 0, 0, 0, 0, 0, 0, .. Encoding.ASCII.GetBytes("{\"t\":{}}".PadRight(200))] },
        { "HDF5", "astype", [0x89, .. "HDF\r\n\x1a\n"u8, .. new byte[100]] },
        { "Parquet", "astype", [.. "PAR1"u8, .. new byte[100]] },
        { "index of Megatron's tokens", ".bin", [.. "MMIDIDX\0\0"u8, .. new byte[101]] },
        { "an HTML page", "download it again", "\n<!doctype HTML><html><title>404</title></html>"u8.ToArray() },
        { "Git LFS", "git lfs pull", "version https://git-lfs.github.com/spec/v1\noid sha256:0\n"u8.ToArray() },
        { "a JSON text", "the tokens alone", Encoding.UTF8.GetBytes("[1, 2, " + Repeat("3, ", 50) + "4]") },
        { "a JSON text", "the tokens alone", "{ \"tokens\": [1, 2, 3] }\n"u8.ToArray() },
        { "a plain text", "data.kind \"text\"", Encoding.UTF8.GetBytes(Repeat("Été à la plage. ", 40)) },
    };

    [Theory]
    [MemberData(nameof(Others))]
    public void Another_format_is_refused_by_its_name(string name, string remedy, byte[] content)
    {
        var path = folder.Write("train.bin", content);
        folder.Write("val.bin", new byte[100]);
        CifarTests.Expect(() => TokenDataset.Tokens(folder.Path, 4, 65_536), path, name, remedy, "expected tokens of 16 bits");
        CifarTests.Expect(() => TokenDataset.Tokens(path, 4, 65_536), name);
        folder.Write("val.bin", content);
        folder.Write("train.bin", new byte[100]);
        CifarTests.Expect(() => TokenDataset.Tokens(folder.Path, 4, 65_536), folder.File("val.bin"), name);
    }

    [Fact]
    public void Tokens_are_taken_for_nothing_else()
    {
        for (var seed = 0ul; seed < 20_000; seed++)
        {
            // As words go in a text: small ones most of the time.
            var tokens = new byte[200];
            for (var i = 0; i < tokens.Length / 2; i++)
            {
                var bits = SplitMix.Bits(seed, (ulong)i);
                var token = (ushort)((bits & 3) == 0 ? (bits >> 8) % 50_257 : (bits >> 8) % 1000);
                BinaryPrimitives.WriteUInt16LittleEndian(tokens.AsSpan(2 * i), token);
            }
            Assert.Null(FileFormat.OrText(tokens, tokens.Length));
        }
    }

    [Fact]
    public void The_length_must_be_of_whole_tokens()
    {
        folder.Write("val.bin", new byte[100]);
        var path = folder.Write("train.bin", new byte[1001]);
        CifarTests.Expect(() => TokenDataset.Tokens(folder.Path, 4, 100), path, "1001 bytes", "multiple of 2", "cut off");
    }

    [Fact]
    public void A_text_that_is_too_short_is_told_with_what_to_do()
    {
        foreach (var length in new[] { 1, 10, 64, 300 })
            CifarTests.Expect(() => TokenDataset.Text(folder.Write("text", new byte[length]), 64), folder.File("text"),
                "expected at least 65 for a context of 64: give a longer file, or a smaller model.context");
        CifarTests.Expect(() => TokenDataset.Text(folder.Write("text", new byte[300]), 64),
            "30 tokens to test on (the last tenth of it)");
    }

    static string Repeat(string text, int times) => string.Concat(Enumerable.Repeat(text, times));

    static byte[] Npy()
    {
        var header = "{'descr': '<u2', 'fortran_order': False, 'shape': (500,), }".PadRight(117) + "\n";
        return [0x93, .. "NUMPY"u8, 1, 0, 118, 0, .. Encoding.ASCII.GetBytes(header), .. new byte[1000]];
    }

    static byte[] Zip(string entry)
    {
        using var memory = new MemoryStream();
        using (var archive = new ZipArchive(memory, ZipArchiveMode.Create, leaveOpen: true))
        using (var content = archive.CreateEntry(entry).Open())
            content.Write(new byte[1000]);
        return memory.ToArray();
    }

    static byte[] Gzip()
    {
        using var memory = new MemoryStream();
        using (var packed = new GZipStream(memory, CompressionLevel.Fastest))
            packed.Write(new byte[1000]);
        return memory.ToArray();
    }

    static byte[] LlmC(int magic, int version)
    {
        var bytes = new byte[1024 + 2000];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, magic);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4), version);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), 1000);
        return bytes;
    }
}
