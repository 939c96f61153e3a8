namespace DecentralizedLion.Models.Datasets;

/// <summary>The network's input for each byte of each channel: (byte / 255 - mean) / deviation.</summary>
sealed class PixelScale
{
    readonly float[] values;

    /// <summary>Constants per channel, fixed once for a kind of data so that all peers feed equal numbers.</summary>
    public PixelScale(params ReadOnlySpan<(float Mean, float Deviation)> channels)
    {
        values = new float[256 * channels.Length];
        for (var channel = 0; channel < channels.Length; channel++)
        {
            for (var pixel = 0; pixel < 256; pixel++)
                values[(256 * channel) + pixel] = ((pixel / 255f) - channels[channel].Mean) / channels[channel].Deviation;
        }
    }

    /// <summary>The 256 values of one channel.</summary>
    public ReadOnlySpan<float> Of(int channel) => values.AsSpan(256 * channel, 256);
}
