using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static Parameter Parameter(Tensor data, bool requires_grad = true) => new(data, requires_grad);

        public static Linear Linear(long inputSize, long outputSize, bool hasBias = true, Device device = null, ScalarType? dtype = null) =>
            new(inputSize, outputSize, hasBias, device, dtype);

        public static Conv2d Conv2d(
            long in_channels, long out_channels, long kernel_size, long stride = 1, long padding = 0, long dilation = 1,
            PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device device = null,
            ScalarType? dtype = null) =>
            padding_mode == PaddingModes.Zeros
                ? new(in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias, device, dtype)
                : throw new NotSupportedException($"padding_mode {padding_mode} is not in this stand-in");

        public static LayerNorm LayerNorm(
            long[] normalized_shape, double eps = 1E-05, bool elementwise_affine = true, bool bias = true, Device device = null,
            ScalarType? dtype = null) =>
            new(normalized_shape, eps, elementwise_affine, bias, device, dtype);

        public static LayerNorm LayerNorm(
            long normalized_shape, double eps = 1E-05, bool elementwise_affine = true, bool bias = true, Device device = null,
            ScalarType? dtype = null) =>
            new([normalized_shape], eps, elementwise_affine, bias, device, dtype);

        public static GroupNorm GroupNorm(
            long num_groups, long num_channels, double eps = 1E-05, bool affine = true, Device device = null, ScalarType? dtype = null) =>
            new(num_groups, num_channels, eps, affine, device, dtype);

        public static BatchNorm2d BatchNorm2d(
            long num_features, double eps = 1E-05, double momentum = 0.1, bool affine = true, bool track_running_stats = true,
            Device device = null, ScalarType? dtype = null) =>
            affine && track_running_stats
                ? new(num_features, eps, momentum, device, dtype)
                : throw new NotSupportedException("affine: false and track_running_stats: false are not in this stand-in");

        public static Embedding Embedding(
            long num_embeddings, long embedding_dims, long? padding_idx = null, double? max_norm = null, double norm_type = 2,
            bool scale_grad_by_freq = false, bool sparse = false, Device device = null, ScalarType? dtype = null) =>
            padding_idx is null && max_norm is null && !scale_grad_by_freq && !sparse
                ? new(num_embeddings, embedding_dims, device, dtype)
                : throw new NotSupportedException("options of Embedding are not in this stand-in");

        public static Dropout Dropout(double p = 0.5, bool inplace = false) => new(p, inplace);

        public static GELU GELU() => new();

        public static ReLU ReLU(bool inplace = false) => new(inplace);

        public static Flatten Flatten(long start_dim = 1, long end_dim = -1) => new(start_dim, end_dim);

        public static MaxPool2d MaxPool2d(
            long kernel_size, long? stride = null, long? padding = null, long? dilation = null, bool ceil_mode = false) =>
            new(kernel_size, stride, padding, dilation, ceil_mode);

        public static ModuleList<T> ModuleList<T>(params T[] modules)
            where T : Module =>
            new(modules);

        public static Sequential Sequential(params Module<Tensor, Tensor>[] modules) => new(modules);

        public static Sequential Sequential(params (string name, Module<Tensor, Tensor> submodule)[] modules) => new(modules);

        public static Sequential Sequential(IEnumerable<Module<Tensor, Tensor>> modules) => new([.. modules]);
    }
}
