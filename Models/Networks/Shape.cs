namespace DecentralizedLion.Models.Networks;

static class Shape
{
    public static string Text(IEnumerable<long> shape) => $"[{string.Join(", ", shape)}]";

    public static long Elements(IEnumerable<long> shape) => shape.Aggregate(1L, (product, n) => checked(product * n));
}
