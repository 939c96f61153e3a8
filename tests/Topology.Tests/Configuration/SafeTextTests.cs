using DecentralizedLion.Topology.Configuration;

namespace DecentralizedLion.Topology.Tests.Configuration;

public sealed class SafeTextTests
{
    [Theory]
    [InlineData("0.001", "0.001")]
    [InlineData("größe 10 €, 大", "größe 10 €, 大")]
    [InlineData("a\nb", "a\\u000Ab")]
    [InlineData("\u001b[2Jgone", "\\u001B[2Jgone")]
    [InlineData("abc\u202edef", "abc\\u202Edef")]
    [InlineData("tab\u00a0\u2028", "tab\\u00A0\\u2028")]
    [InlineData("", "")]
    public void Control_characters_are_spelled_out(string text, string shown) => Assert.Equal(shown, SafeText.Text(text));

    [Fact]
    public void A_message_of_any_length_keeps_its_lines_and_nothing_else_that_moves_a_terminal() =>
        Assert.Equal("first\n\\u001B[2J\\u000D" + new string('x', 200),
            SafeText.Lines("first\n\u001b[2J\r" + new string('x', 200)));

    [Fact]
    public void Long_texts_are_cut_and_no_character_is_cut_in_two()
    {
        Assert.Equal(new string('x', 80) + "…", SafeText.Text(new string('x', 4096)));
        Assert.Equal(new string('x', 79) + "…", SafeText.Text(new string('x', 79) + "😀😀"));
        Assert.Equal("😀", SafeText.Text("😀"));
        Assert.InRange(SafeText.Text(new string('\u0001', 4096)).Length, 0, 6 * 80 + 1);
    }

    [Fact]
    public void A_difference_is_told_with_the_other_sides_text_made_safe() =>
        Assert.Equal("steps: 3 here, \\u001B" + new string('y', 79) + "… there",
            new FingerprintDifference("steps", "3", "\u001b" + new string('y', 4000)).ToString());
}
