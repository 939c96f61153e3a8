namespace DecentralizedLion.Codecs.Tests;

/// <summary>A test that is skipped names what is missing and how to get it.</summary>
public sealed class RequirementTests
{
    [Fact]
    public void A_Python_that_is_not_there_is_missing() =>
        Assert.Equal("/nowhere/python3 does not start: tests/setup.sh installs it",
            Requirement.MissingPython("/nowhere/python3", []));

    [PythonFact]
    public void Modules_that_are_not_there_are_missing_and_others_are_not()
    {
        string python = Requirement.PythonProgram;
        Assert.Null(Requirement.MissingPython("json", "sys"));
        Assert.Equal($"{python} has no module nowhere1, nowhere2: tests/setup.sh installs it",
            Requirement.MissingPython("nowhere1", "json", "nowhere2"));
    }

    [Fact]
    public void A_program_that_is_no_Python_is_missing() =>
        Assert.Equal("/bin/false ends with code 1", Requirement.MissingPython("/bin/false", ["json"]));

    [Fact]
    public void A_command_that_is_not_there_is_missing()
    {
        Assert.Null(Requirement.MissingCommand("sh"));
        Assert.Equal("there is no command nowhere1: tests/setup.sh installs it", Requirement.MissingCommand("nowhere1"));
    }

    [Fact]
    public void What_is_missing_is_the_reason_for_which_a_test_is_skipped()
    {
        Assert.Equal(Requirement.MissingPython("nowhere1"), new PythonFactAttribute("nowhere1").Skip);
        Assert.NotNull(new PythonFactAttribute("nowhere1").Skip);
        Assert.Equal(Requirement.MissingPython(), new PythonFactAttribute().Skip);
    }
}
