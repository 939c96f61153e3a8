using System.Reflection;
using System.Reflection.Emit;

namespace DecentralizedLion.Peer.Tests.Architecture;

/// <summary>The calls that an assembly's methods make, read from their compiled code.</summary>
static class MethodCalls
{
    const BindingFlags Declared = BindingFlags.DeclaredOnly | BindingFlags.Instance | BindingFlags.Static
        | BindingFlags.Public | BindingFlags.NonPublic;

    static readonly Dictionary<short, OpCode> codes = typeof(OpCodes).GetFields()
        .Select(field => (OpCode)field.GetValue(null)!).ToDictionary(code => code.Value);

    /// <summary>Every method and constructor, also the compiler's.</summary>
    public static IEnumerable<MethodBase> MethodsOf(Assembly assembly) =>
        assembly.GetTypes().SelectMany(type => type.GetMembers(Declared).OfType<MethodBase>());

    /// <summary>The methods that a method calls.</summary>
    public static IReadOnlyList<MethodBase> Of(MethodBase method)
    {
        var called = new List<MethodBase>();
        byte[] body = method.GetMethodBody()?.GetILAsByteArray() ?? [];
        for (int at = 0; at < body.Length;)
        {
            short value = body[at++];
            if (value == 0xFE)
                value = (short)(0xFE00 | body[at++]);
            OperandType operand = codes[value].OperandType;
            if (operand == OperandType.InlineMethod)
                called.Add(Resolve(method, BitConverter.ToInt32(body, at)));
            at += Length(operand, body, at);
        }
        return called;
    }

    static MethodBase Resolve(MethodBase method, int token) => method.Module.ResolveMethod(token,
        method.DeclaringType is { IsGenericType: true } type ? type.GetGenericArguments() : null,
        method.IsGenericMethod ? method.GetGenericArguments() : null)!;

    static int Length(OperandType operand, byte[] body, int at) => operand switch
    {
        OperandType.InlineNone => 0,
        OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
        OperandType.InlineVar => 2,
        OperandType.InlineI8 or OperandType.InlineR => 8,
        OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(body, at)),
        _ => 4,
    };
}
