using System.Text;
using DecentralizedLion.Peer.Cli.Display;

namespace DecentralizedLion.Peer.Tests.Cli.Display;

public sealed class LenientOutputTests
{
    [Fact]
    public void A_full_or_closed_output_is_told_once_and_ends_nothing()
    {
        foreach (var fault in new Exception[] { new IOException("no space left"), new ObjectDisposedException("output") })
        {
            var told = new List<string>();
            using var output = new LenientOutput(new Failing(fault), told.Add);
            for (var i = 0; i < 3; i++)
            {
                output.WriteLine("a line");
                output.Write('c');
                output.Flush();
            }
            Assert.Equal(fault.Message, Assert.Single(told));
        }
    }

    [Fact]
    public void A_good_output_gets_everything()
    {
        using var text = new StringWriter { NewLine = "\n" };
        using var output = new LenientOutput(text, _ => Assert.Fail("nothing failed"));
        output.WriteLine("one");
        output.Write("two");
        output.WriteLine();
        Assert.Equal("one\ntwo\n", text.ToString());
    }

    [Fact]
    public void Another_fault_is_not_hidden()
    {
        using var output = new LenientOutput(new Failing(new InvalidOperationException()), _ => { });
        Assert.Throws<InvalidOperationException>(() => output.WriteLine("a line"));
    }

    sealed class Failing(Exception fault) : TextWriter
    {
        public override Encoding Encoding => Encoding.UTF8;

        public override void Write(char value) => throw fault;

        public override void Write(string? value) => throw fault;

        public override void WriteLine(string? value) => throw fault;

        public override void Flush() => throw fault;
    }
}
