namespace DecentralizedLion;

/// <summary>So many losses or gradients in a row had a NaN or an infinity that this peer trains no more.</summary>
/// <param name="message">The step, and how many in a row.</param>
public sealed class NonFiniteGradientException(string message) : ArithmeticException(message);
