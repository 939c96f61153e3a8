using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using DecentralizedLion.Models.Datasets;
using DecentralizedLion.Models.Sampling;

namespace DecentralizedLion.Models.Tests.Datasets;

/// <summary>A linear classifier in plain C#: what can be told from the pixels one by one, and no more.</summary>
sealed class SoftmaxRegression
{
    readonly int inputs;
    readonly int classes;
    readonly float[] weights;
    readonly float[] velocity;

    public SoftmaxRegression(int inputs, int classes)
    {
        // One more input, always 1, is the bias; the rest is padding for the vectors.
        this.inputs = (inputs + Vector<float>.Count) / Vector<float>.Count * Vector<float>.Count;
        this.classes = classes;
        weights = new float[this.inputs * classes];
        velocity = new float[weights.Length];
    }

    public float[][] Prepare(Batch batch)
    {
        var length = batch.Images!.Length / batch.Targets.Length;
        return batch.Targets.Select((_, i) =>
        {
            var sample = new float[inputs];
            batch.Images.AsSpan(i * length, length).CopyTo(sample);
            sample[length] = 1;
            return sample;
        }).ToArray();
    }

    /// <summary>One pass in mini-batches with momentum; returns the mean loss.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public double Epoch(float[][] samples, long[] targets, ShuffledOrder order, long epoch, int batch, float rate)
    {
        double loss = 0;
        var gradient = new float[weights.Length];
        var probabilities = new float[classes];
        for (var i = 0; i < samples.Length; i++)
        {
            var sample = order.At((epoch * samples.Length) + i);
            Forward(samples[sample], probabilities);
            loss -= Math.Log(Math.Max(probabilities[targets[sample]], 1e-20f));
            probabilities[targets[sample]] -= 1;
            var input = MemoryMarshal.Cast<float, Vector<float>>(samples[sample]);
            for (var c = 0; c < classes; c++)
            {
                var row = MemoryMarshal.Cast<float, Vector<float>>(gradient.AsSpan(c * inputs, inputs));
                var factor = new Vector<float>(probabilities[c] / batch);
                for (var k = 0; k < row.Length; k++)
                    row[k] += factor * input[k];
            }
            if ((i + 1) % batch != 0)
                continue;
            for (var k = 0; k < weights.Length; k++)
            {
                velocity[k] = (0.9f * velocity[k]) + gradient[k];
                weights[k] -= rate * velocity[k];
                gradient[k] = 0;
            }
        }
        return loss / samples.Length;
    }

    public double Accuracy(float[][] samples, long[] targets)
    {
        var probabilities = new float[classes];
        var right = 0;
        for (var i = 0; i < samples.Length; i++)
        {
            Forward(samples[i], probabilities);
            if (Array.IndexOf(probabilities, probabilities.Max()) == targets[i])
                right++;
        }
        return (double)right / samples.Length;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void Forward(float[] sample, float[] probabilities)
    {
        var input = MemoryMarshal.Cast<float, Vector<float>>(sample);
        var highest = float.NegativeInfinity;
        for (var c = 0; c < classes; c++)
        {
            var row = MemoryMarshal.Cast<float, Vector<float>>(weights.AsSpan(c * inputs, inputs));
            var sum = Vector<float>.Zero;
            for (var k = 0; k < row.Length; k++)
                sum += row[k] * input[k];
            probabilities[c] = Vector.Sum(sum);
            highest = Math.Max(highest, probabilities[c]);
        }
        float total = 0;
        for (var c = 0; c < classes; c++)
            total += probabilities[c] = MathF.Exp(probabilities[c] - highest);
        for (var c = 0; c < classes; c++)
            probabilities[c] /= total;
    }
}
