namespace DecentralizedLion.Models.Datasets;

/// <summary>Data that is missing, truncated or wrong: the message names the file, what was found and what was expected.</summary>
sealed class DataException : Exception
{
    /// <summary>A problem in words.</summary>
    public DataException(string message)
        : base(message)
    {
    }

    /// <summary>A problem in words, and the error of the system behind it.</summary>
    public DataException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
