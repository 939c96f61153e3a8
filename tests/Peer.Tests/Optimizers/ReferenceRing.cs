using DecentralizedLion.Codecs.Reductions;

namespace DecentralizedLion.Peer.Tests.Optimizers;

/// <summary>All workers of a method by plain loops over arrays, written from the papers' equations alone.</summary>
sealed class ReferenceRing(string method, int workers, float[] x, float lr, float decay, float beta1, float beta2, double keep,
    int[]? weights = null)
{
    readonly int d = x.Length;
    readonly int[] w = workers > 1 && weights is not null ? weights : [.. Enumerable.Repeat(1, workers)];
    readonly float[][] m = Zeros(workers, x.Length), v = Zeros(workers, x.Length);
    readonly float[] globalM = new float[x.Length], globalV = new float[x.Length];
    readonly int[] previous = [.. Enumerable.Range(0, x.Length)
        .Select(i => (TieHash.Word(0, i / 64) >> (i % 64) & 1) != 0 ? 1 : -1)];

    public float[] Weights => x;

    public void Step(int step, float[][] g)
    {
        switch (method)
        {
            case "mavo":
                Move(Majority(Each(Lion, g)));
                break;
            case "signsgd":
                Move(Majority(Each((_, i, gi) => Math.Sign(gi), g)));
                break;
            case "signum":
                Move(Majority(Each((worker, i, gi) => Math.Sign(m[worker][i] = (beta1 * m[worker][i]) + ((1 - beta1) * gi)), g)));
                break;
            case "avg":
                var signs = Each(Lion, g);
                for (var i = 0; i < d; i++)
                {
                    var sum = Enumerable.Range(0, workers).Sum(worker => w[worker] * signs[worker][i]);
                    x[i] = (x[i] * decay) - (lr * sum / w.Sum());
                }
                break;
            case "g-lion":
                for (var i = 0; i < d; i++)
                {
                    var mean = MeanOf(g, i);
                    var u = (beta1 * globalM[i]) + ((1 - beta1) * mean);
                    globalM[i] = (beta2 * globalM[i]) + ((1 - beta2) * mean);
                    x[i] = (x[i] * decay) - (lr * Math.Sign(u));
                }
                break;
            case "g-adamw":
                for (var i = 0; i < d; i++)
                {
                    var mean = MeanOf(g, i);
                    globalM[i] = (beta1 * globalM[i]) + ((1 - beta1) * mean);
                    globalV[i] = (beta2 * globalV[i]) + ((1 - beta2) * (mean * mean));
                    float hatM = globalM[i] / (float)(1 - Power(beta1, step)),
                        hatV = globalV[i] / (float)(1 - Power(beta2, step));
                    x[i] = (x[i] * decay) - (lr * (hatM / (MathF.Sqrt(hatV) + 1e-8f)));
                }
                break;
            case "graddrop":
                Sparse(g, (worker, i, gi) => m[worker][i] += gi, m, null);
                break;
            case "dgc":
                Sparse(g, (worker, i, gi) => v[worker][i] += m[worker][i] = (0.9f * m[worker][i]) + gi, v, m);
                break;
            default:
                throw new ArgumentException(method);
        }
    }

    int Lion(int worker, int i, float gi)
    {
        var u = (beta1 * m[worker][i]) + ((1 - beta1) * gi);
        m[worker][i] = (beta2 * m[worker][i]) + ((1 - beta2) * gi);
        return Math.Sign(u);
    }

    static T[][] Each<T>(Func<int, int, float, T> rule, float[][] g) =>
        [.. g.Select((of, worker) => of.Select((gi, i) => rule(worker, i, gi)).ToArray())];

    int[] Majority(int[][] votes) =>
    [
        .. Enumerable.Range(0, d).Select(i =>
        {
            var sum = Enumerable.Range(0, workers).Sum(worker => w[worker] * votes[worker][i]);
            var majority = votes.All(worker => worker[i] == 0) ? 0 : sum == 0 ? previous[i] : Math.Sign(sum);
            previous[i] = majority == 0 ? previous[i] : majority;
            return majority;
        }),
    ];

    void Move(int[] majority)
    {
        for (var i = 0; i < d; i++)
            x[i] = (x[i] * decay) - (lr * majority[i]);
    }

    /// <summary>The chunk that a parameter is in begins with the worker of its place: words are cut as evenly as can
    /// be.</summary>
    float MeanOf(float[][] g, int i)
    {
        int words = (d + 63) / 64, chunk = 0;
        while (i / 64 >= (int)((long)words * (chunk + 1) / workers))
            chunk++;
        var sum = w[chunk] * g[chunk][i];
        for (var hop = 1; hop < workers; hop++)
        {
            var own = w[(chunk + hop) % workers] * g[(chunk + hop) % workers][i];
            sum += own;
        }
        return sum / w.Sum();
    }

    void Sparse(float[][] g, Func<int, int, float, float> accumulate, float[][] from, float[][]? also)
    {
        _ = Each(accumulate, g);
        var sum = new float[d];
        for (var worker = 0; worker < workers; worker++)
        {
            var largest = Enumerable.Range(0, d).OrderByDescending(i => Math.Abs(from[worker][i])).ThenBy(i => i)
                .Take((int)Math.Ceiling(keep * d)).ToArray();
            foreach (var i in largest)
            {
                sum[i] += from[worker][i];
                from[worker][i] = 0;
                if (also is not null)
                    also[worker][i] = 0;
            }
        }
        for (var i = 0; i < d; i++)
            x[i] = (x[i] * decay) - (lr * (sum[i] / workers));
    }

    // By squares: the order of multiplications is part of what makes replicas equal.
    static double Power(double b, int n)
    {
        var result = 1.0;
        for (; n > 0; n /= 2, b *= b)
            result *= n % 2 == 1 ? b : 1;
        return result;
    }

    static float[][] Zeros(int rows, int columns) => [.. Enumerable.Range(0, rows).Select(_ => new float[columns])];
}
