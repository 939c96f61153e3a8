using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TorchSharp.Interop;

/// <summary>The functions of native/torch_shim.cpp: a tensor returned is the caller's, null and 0 mean an error.</summary>
static unsafe partial class Native
{
    const string Library = "torch_shim";

    public static ExternalException Error() => new(Marshal.PtrToStringUTF8(tt_error()));

    public static void Check(int done)
    {
        if (done == 0)
            throw Error();
    }

    public static Tensor[] Take(int count, ReadOnlySpan<nint> handles)
    {
        if (count < 0)
            throw Error();
        var tensors = new Tensor[count];
        for (int i = 0; i < count; i++)
            tensors[i] = new Tensor(handles[i]);
        return tensors;
    }

    [LibraryImport(Library)] public static partial nint tt_error();
    [LibraryImport(Library)] public static partial nint tt_version();
    [LibraryImport(Library)] public static partial long tt_live();

    // Memory and properties; the plain readers cannot fail and return at once, so they skip the transition of the collector.
    [LibraryImport(Library)] public static partial void tt_free(nint a);
    [LibraryImport(Library), SuppressGCTransition] public static partial long tt_numel(nint a);
    [LibraryImport(Library), SuppressGCTransition] public static partial long tt_dim(nint a);
    [LibraryImport(Library), SuppressGCTransition] public static partial long tt_element_size(nint a);
    [LibraryImport(Library), SuppressGCTransition] public static partial int tt_dtype(nint a);
    [LibraryImport(Library), SuppressGCTransition] public static partial int tt_device_type(nint a);
    [LibraryImport(Library), SuppressGCTransition] public static partial int tt_device_index(nint a);
    [LibraryImport(Library), SuppressGCTransition] public static partial int tt_is_contiguous(nint a);
    [LibraryImport(Library), SuppressGCTransition] public static partial int tt_is_leaf(nint a);
    [LibraryImport(Library)] public static partial int tt_is_pinned(nint a);
    [LibraryImport(Library), SuppressGCTransition] public static partial long tt_storage_offset(nint a);
    [LibraryImport(Library), SuppressGCTransition] public static partial nint tt_data(nint a);
    [LibraryImport(Library), SuppressGCTransition] public static partial void tt_shape(nint a, long* to);
    [LibraryImport(Library), SuppressGCTransition] public static partial void tt_stride(nint a, long* to);

    // Autograd
    [LibraryImport(Library), SuppressGCTransition] public static partial int tt_requires_grad(nint a);
    [LibraryImport(Library)] public static partial int tt_set_requires_grad(Tensor a, int on);
    [LibraryImport(Library)] public static partial nint tt_grad(nint a);
    [LibraryImport(Library)] public static partial int tt_set_grad(Tensor a, Tensor g);
    [LibraryImport(Library)] public static partial int tt_backward(Tensor a, int retain, int create);
    [LibraryImport(Library), SuppressGCTransition] public static partial int tt_grad_enabled();
    [LibraryImport(Library), SuppressGCTransition] public static partial void tt_set_grad_enabled(int on);
    [LibraryImport(Library)] public static partial nint tt_enter_inference(int on);
    [LibraryImport(Library)] public static partial void tt_leave_inference(nint guard);
    [LibraryImport(Library)] public static partial int tt_set_data(Tensor a, Tensor b);
    [LibraryImport(Library)] public static partial Tensor tt_detach(Tensor a);
    [LibraryImport(Library)] public static partial Tensor tt_detach_(Tensor a);
    [LibraryImport(Library)] public static partial Tensor tt_alias(Tensor a);
    [LibraryImport(Library)] public static partial Tensor tt_set_(Tensor a, Tensor b);

    // Threads, random numbers, devices
    [LibraryImport(Library)] public static partial int tt_get_num_threads();
    [LibraryImport(Library)] public static partial int tt_set_num_threads(int count);
    [LibraryImport(Library)] public static partial int tt_manual_seed(long seed);
    [LibraryImport(Library)] public static partial Tensor tt_get_rng_state();
    [LibraryImport(Library)] public static partial int tt_set_rng_state(Tensor state);
    [LibraryImport(Library)] public static partial int tt_cuda_available();
    [LibraryImport(Library)] public static partial int tt_cuda_count();
    [LibraryImport(Library)] public static partial int tt_cuda_synchronize(int index);

    // Making tensors
    [LibraryImport(Library)] public static partial Tensor tt_empty(ReadOnlySpan<long> size, long n, int dtype, int device, int index);
    [LibraryImport(Library)] public static partial Tensor tt_zeros(ReadOnlySpan<long> size, long n, int dtype, int device, int index);
    [LibraryImport(Library)] public static partial Tensor tt_ones(ReadOnlySpan<long> size, long n, int dtype, int device, int index);
    [LibraryImport(Library)] public static partial Tensor tt_rand(ReadOnlySpan<long> size, long n, int dtype, int device, int index);
    [LibraryImport(Library)] public static partial Tensor tt_randn(ReadOnlySpan<long> size, long n, int dtype, int device, int index);

    [LibraryImport(Library)]
    public static partial Tensor tt_full(ReadOnlySpan<long> size, long n, ScalarValue value, int dtype, int device, int index);

    [LibraryImport(Library)]
    public static partial Tensor tt_randint(long low, long high, ReadOnlySpan<long> size, long n, int dtype, int device, int index);

    [LibraryImport(Library)] public static partial Tensor tt_randperm(long n, int dtype, int device, int index);

    [LibraryImport(Library)]
    public static partial Tensor tt_arange(ScalarValue start, ScalarValue stop, ScalarValue step, int dtype, int device, int index);

    [LibraryImport(Library)]
    public static partial Tensor tt_from_memory(void* data, ReadOnlySpan<long> size, long n, int source, int dtype, int device, int index);

    [LibraryImport(Library)] public static partial Tensor tt_to(Tensor a, int dtype, int device, int index, int copy, int non_blocking);
    [LibraryImport(Library)] public static partial Tensor tt_cat(ReadOnlySpan<nint> tensors, long n, long dim);
    [LibraryImport(Library)] public static partial Tensor tt_stack(ReadOnlySpan<nint> tensors, long n, long dim);

    // Shape
    [LibraryImport(Library)] public static partial Tensor tt_clone(Tensor a);
    [LibraryImport(Library)] public static partial Tensor tt_contiguous(Tensor a);
    [LibraryImport(Library)] public static partial Tensor tt_t(Tensor a);
    [LibraryImport(Library)] public static partial Tensor tt_pin_memory(Tensor a);
    [LibraryImport(Library)] public static partial Tensor tt_squeeze(Tensor a);
    [LibraryImport(Library)] public static partial Tensor tt_view(Tensor a, ReadOnlySpan<long> shape, long n);
    [LibraryImport(Library)] public static partial Tensor tt_reshape(Tensor a, ReadOnlySpan<long> shape, long n);
    [LibraryImport(Library)] public static partial Tensor tt_expand(Tensor a, ReadOnlySpan<long> shape, long n);
    [LibraryImport(Library)] public static partial Tensor tt_permute(Tensor a, ReadOnlySpan<long> order, long n);
    [LibraryImport(Library)] public static partial Tensor tt_transpose(Tensor a, long i, long j);
    [LibraryImport(Library)] public static partial Tensor tt_flatten(Tensor a, long from, long to);
    [LibraryImport(Library)] public static partial Tensor tt_unsqueeze(Tensor a, long dim);
    [LibraryImport(Library)] public static partial Tensor tt_squeeze_dim(Tensor a, long dim);
    [LibraryImport(Library)] public static partial Tensor tt_narrow(Tensor a, long dim, long from, long n);
    [LibraryImport(Library)] public static partial Tensor tt_slice(Tensor a, long dim, long from, long to, long step);
    [LibraryImport(Library)] public static partial int tt_chunk(Tensor a, long chunks, long dim, Span<nint> pieces);
    [LibraryImport(Library)] public static partial int tt_split(Tensor a, long size, long dim, Span<nint> pieces, long capacity);
    [LibraryImport(Library)] public static partial Tensor tt_tril(Tensor a, long diagonal);
    [LibraryImport(Library)] public static partial Tensor tt_gather(Tensor a, long dim, Tensor index);
    [LibraryImport(Library)] public static partial Tensor tt_index_select(Tensor a, long dim, Tensor index);
    [LibraryImport(Library)] public static partial Tensor tt_masked_fill(Tensor a, Tensor mask, ScalarValue value);
    [LibraryImport(Library)] public static partial Tensor tt_where(Tensor condition, Tensor x, Tensor y);

    // Arithmetic
    [LibraryImport(Library)] public static partial Tensor tt_abs(Tensor a);
    [LibraryImport(Library)] public static partial Tensor tt_cos(Tensor a);
    [LibraryImport(Library)] public static partial Tensor tt_exp(Tensor a);
    [LibraryImport(Library)] public static partial Tensor tt_log(Tensor a);
    [LibraryImport(Library)] public static partial Tensor tt_neg(Tensor a);
    [LibraryImport(Library)] public static partial Tensor tt_relu(Tensor a);
    [LibraryImport(Library)] public static partial Tensor tt_relu_(Tensor a);
    [LibraryImport(Library)] public static partial Tensor tt_sign(Tensor a);
    [LibraryImport(Library)] public static partial Tensor tt_sin(Tensor a);
    [LibraryImport(Library)] public static partial Tensor tt_sqrt(Tensor a);
    [LibraryImport(Library)] public static partial Tensor tt_tanh(Tensor a);
    [LibraryImport(Library)] public static partial Tensor tt_isinf(Tensor a);
    [LibraryImport(Library)] public static partial Tensor tt_isnan(Tensor a);
    [LibraryImport(Library)] public static partial Tensor tt_all(Tensor a);
    [LibraryImport(Library)] public static partial Tensor tt_any(Tensor a);
    [LibraryImport(Library)] public static partial Tensor tt_max(Tensor a);
    [LibraryImport(Library)] public static partial Tensor tt_min(Tensor a);
    [LibraryImport(Library)] public static partial Tensor tt_zero_(Tensor a);
    [LibraryImport(Library)] public static partial Tensor tt_add(Tensor a, Tensor b);
    [LibraryImport(Library)] public static partial Tensor tt_add_scalar(Tensor a, ScalarValue b);
    [LibraryImport(Library)] public static partial Tensor tt_sub(Tensor a, Tensor b);
    [LibraryImport(Library)] public static partial Tensor tt_sub_scalar(Tensor a, ScalarValue b);
    [LibraryImport(Library)] public static partial Tensor tt_mul(Tensor a, Tensor b);
    [LibraryImport(Library)] public static partial Tensor tt_mul_scalar(Tensor a, ScalarValue b);
    [LibraryImport(Library)] public static partial Tensor tt_div(Tensor a, Tensor b);
    [LibraryImport(Library)] public static partial Tensor tt_div_scalar(Tensor a, ScalarValue b);
    [LibraryImport(Library)] public static partial Tensor tt_eq(Tensor a, Tensor b);
    [LibraryImport(Library)] public static partial Tensor tt_eq_scalar(Tensor a, ScalarValue b);
    [LibraryImport(Library)] public static partial Tensor tt_ne(Tensor a, Tensor b);
    [LibraryImport(Library)] public static partial Tensor tt_ne_scalar(Tensor a, ScalarValue b);
    [LibraryImport(Library)] public static partial Tensor tt_lt(Tensor a, Tensor b);
    [LibraryImport(Library)] public static partial Tensor tt_lt_scalar(Tensor a, ScalarValue b);
    [LibraryImport(Library)] public static partial Tensor tt_le(Tensor a, Tensor b);
    [LibraryImport(Library)] public static partial Tensor tt_le_scalar(Tensor a, ScalarValue b);
    [LibraryImport(Library)] public static partial Tensor tt_gt(Tensor a, Tensor b);
    [LibraryImport(Library)] public static partial Tensor tt_gt_scalar(Tensor a, ScalarValue b);
    [LibraryImport(Library)] public static partial Tensor tt_ge(Tensor a, Tensor b);
    [LibraryImport(Library)] public static partial Tensor tt_ge_scalar(Tensor a, ScalarValue b);
    [LibraryImport(Library)] public static partial Tensor tt_pow(Tensor a, Tensor b);
    [LibraryImport(Library)] public static partial Tensor tt_pow_scalar(Tensor a, ScalarValue b);
    [LibraryImport(Library)] public static partial Tensor tt_add_(Tensor a, Tensor b);
    [LibraryImport(Library)] public static partial Tensor tt_add__scalar(Tensor a, ScalarValue b);
    [LibraryImport(Library)] public static partial Tensor tt_sub_(Tensor a, Tensor b);
    [LibraryImport(Library)] public static partial Tensor tt_sub__scalar(Tensor a, ScalarValue b);
    [LibraryImport(Library)] public static partial Tensor tt_mul_(Tensor a, Tensor b);
    [LibraryImport(Library)] public static partial Tensor tt_mul__scalar(Tensor a, ScalarValue b);
    [LibraryImport(Library)] public static partial Tensor tt_div_(Tensor a, Tensor b);
    [LibraryImport(Library)] public static partial Tensor tt_div__scalar(Tensor a, ScalarValue b);
    [LibraryImport(Library)] public static partial Tensor tt_fill__scalar(Tensor a, ScalarValue b);
    [LibraryImport(Library)] public static partial Tensor tt_matmul(Tensor a, Tensor b);
    [LibraryImport(Library)] public static partial Tensor tt_bmm(Tensor a, Tensor b);
    [LibraryImport(Library)] public static partial Tensor tt_add_alpha(Tensor a, Tensor b, ScalarValue alpha);
    [LibraryImport(Library)] public static partial Tensor tt_add_alpha_(Tensor a, Tensor b, ScalarValue alpha);
    [LibraryImport(Library)] public static partial Tensor tt_copy_(Tensor a, Tensor b, int non_blocking);
    [LibraryImport(Library)] public static partial Tensor tt_sum(Tensor a, int dtype);
    [LibraryImport(Library)] public static partial Tensor tt_sum_dims(Tensor a, ReadOnlySpan<long> dims, long n, int keep, int dtype);
    [LibraryImport(Library)] public static partial Tensor tt_mean(Tensor a);
    [LibraryImport(Library)] public static partial Tensor tt_mean_dims(Tensor a, ReadOnlySpan<long> dims, long n, int keep, int dtype);
    [LibraryImport(Library)] public static partial Tensor tt_std(Tensor a, int unbiased);
    [LibraryImport(Library)] public static partial Tensor tt_norm(Tensor a, double p);
    [LibraryImport(Library)] public static partial Tensor tt_argmax(Tensor a);
    [LibraryImport(Library)] public static partial Tensor tt_argmax_dim(Tensor a, long dim, int keep);

    [LibraryImport(Library)]
    public static partial int tt_topk(Tensor a, long k, long dim, int largest, int sorted, out nint values, out nint indices);

    [LibraryImport(Library)] public static partial Tensor tt_softmax(Tensor a, long dim, int dtype);
    [LibraryImport(Library)] public static partial Tensor tt_log_softmax(Tensor a, long dim, int dtype);
    [LibraryImport(Library)] public static partial Tensor tt_multinomial(Tensor a, long n, int replacement);
    [LibraryImport(Library)] public static partial Tensor tt_normal_(Tensor a, double mean, double std);
    [LibraryImport(Library)] public static partial Tensor tt_uniform_(Tensor a, double from, double to);

    // Networks
    [LibraryImport(Library)] public static partial Tensor tt_gelu(Tensor a);
    [LibraryImport(Library)] public static partial Tensor tt_linear(Tensor x, Tensor weight, Tensor bias);
    [LibraryImport(Library)] public static partial Tensor tt_embedding(Tensor weight, Tensor index, long padding);

    [LibraryImport(Library)]
    public static partial Tensor tt_conv2d(Tensor x, Tensor weight, Tensor bias, ReadOnlySpan<long> stride,
        ReadOnlySpan<long> padding, ReadOnlySpan<long> dilation, long groups);

    [LibraryImport(Library)]
    public static partial Tensor tt_layer_norm(Tensor x, ReadOnlySpan<long> shape, long n, Tensor weight, Tensor bias, double eps);

    [LibraryImport(Library)] public static partial Tensor tt_group_norm(Tensor x, long groups, Tensor weight, Tensor bias, double eps);

    [LibraryImport(Library)]
    public static partial Tensor tt_batch_norm(Tensor x, Tensor weight, Tensor bias, Tensor mean, Tensor variance,
        int training, double momentum, double eps);

    [LibraryImport(Library)] public static partial Tensor tt_dropout(Tensor x, double p, int training);

    [LibraryImport(Library)]
    public static partial Tensor tt_max_pool2d(Tensor x, ReadOnlySpan<long> kernel, ReadOnlySpan<long> stride,
        ReadOnlySpan<long> padding, ReadOnlySpan<long> dilation, int ceil);

    [LibraryImport(Library)]
    public static partial Tensor tt_avg_pool2d(Tensor x, ReadOnlySpan<long> kernel, ReadOnlySpan<long> stride,
        ReadOnlySpan<long> padding, int ceil, int count_pad);

    [LibraryImport(Library)] public static partial Tensor tt_adaptive_avg_pool2d(Tensor x, ReadOnlySpan<long> size);

    [LibraryImport(Library)]
    public static partial Tensor tt_cross_entropy(Tensor x, Tensor target, Tensor weight, long ignore, int reduction, double smoothing);

    [LibraryImport(Library)] public static partial Tensor tt_mse_loss(Tensor x, Tensor target, int reduction);
    [LibraryImport(Library)] public static partial Tensor tt_attention(Tensor q, Tensor k, Tensor v, Tensor mask, double p, int causal);
}
