using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public enum Reduction
        {
            None = 0,
            Mean = 1,
            Sum = 2,
        }

        public static class functional
        {
            public static Tensor relu(Tensor x, bool inplace = false) =>
                inplace ? x.Itself(Native.tt_relu_(x)).alias() : x.relu();

            public static Tensor gelu(Tensor x) => x.gelu();

            public static Tensor softmax(Tensor input, long dim, ScalarType? dtype = null) => input.softmax(dim, dtype);

            public static Tensor log_softmax(Tensor x, long dim) => x.log_softmax(dim);

            public static Tensor linear(Tensor input, Tensor weights, Tensor bias = null) => Native.tt_linear(input, weights, bias);

            public static Tensor conv2d(
                Tensor input, Tensor weight, Tensor bias = null, long[] strides = null, long[] padding = null, long[] dilation = null,
                long groups = 1) =>
                Native.tt_conv2d(input, weight, bias, strides ?? [1, 1], padding ?? [0, 0], dilation ?? [1, 1], groups);

            public static Tensor layer_norm(
                Tensor input, long[] normalized_shape, Tensor weight = null, Tensor bias = null, double eps = 1E-05) =>
                Native.tt_layer_norm(input, normalized_shape, normalized_shape.Length, weight, bias, eps);

            public static Tensor dropout(Tensor input, double p = 0.5, bool training = true, bool inplace = false) =>
                inplace
                    ? throw new NotSupportedException("dropout in place is not in this stand-in")
                    : Native.tt_dropout(input, p, training ? 1 : 0);

            public static Tensor max_pool2d(
                Tensor input, long kernel_size, long? stride = null, long? padding = null, long? dilation = null, bool ceil_mode = false)
            {
                long step = stride ?? kernel_size, pad = padding ?? 0, apart = dilation ?? 1;
                return Native.tt_max_pool2d(
                    input, [kernel_size, kernel_size], [step, step], [pad, pad], [apart, apart], ceil_mode ? 1 : 0);
            }

            public static Tensor avg_pool2d(
                Tensor input, long kernel_size, long? stride = null, long padding = 0, bool ceil_mode = false,
                bool count_include_pad = true, long? divisor_override = null)
            {
                if (divisor_override is not null)
                    throw new NotSupportedException("divisor_override is not in this stand-in");
                long step = stride ?? kernel_size;
                return Native.tt_avg_pool2d(
                    input, [kernel_size, kernel_size], [step, step], [padding, padding], ceil_mode ? 1 : 0, count_include_pad ? 1 : 0);
            }

            public static Tensor adaptive_avg_pool2d(Tensor input, long output_size) =>
                Native.tt_adaptive_avg_pool2d(input, [output_size, output_size]);

            public static Tensor cross_entropy(
                Tensor input, Tensor target, Tensor weight = null, long ignore_index = -100, Reduction reduction = Reduction.Mean,
                double label_smoothing = 0) =>
                Native.tt_cross_entropy(input, target, weight, ignore_index, (int)reduction, label_smoothing);

            public static Tensor mse_loss(Tensor input, Tensor target, Reduction reduction = Reduction.Mean) =>
                Native.tt_mse_loss(input, target, (int)reduction);

            public static Tensor scaled_dot_product_attention(
                Tensor query, Tensor key, Tensor value, Tensor attn_mask = null, double p = 0, bool is_casual = false) =>
                Native.tt_attention(query, key, value, attn_mask, p, is_casual ? 1 : 0);
        }
    }
}
