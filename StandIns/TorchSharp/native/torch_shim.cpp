// A plain C ABI over at::Tensor*, for the stand-in of TorchSharp. Every function that can fail catches what libtorch throws,
// keeps its text for tt_error() on the same thread and returns null (tensors) or 0 (everything else).
// ATen alone is enough: autograd is reached through the dispatcher, and <torch/torch.h> takes three times as long to compile.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <c10/core/GradMode.h>
#include <c10/core/InferenceMode.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <torch/csrc/api/include/torch/version.h>

#include <atomic>
#include <cmath>
#include <dlfcn.h>
#include <malloc.h>
#include <limits>
#include <mutex>
#include <string>
#include <vector>

#if TORCH_VERSION_MAJOR >= 2
#define TT_SINCE_2_0 1
#else
#define TT_SINCE_2_0 0
#endif

namespace {

using Handle = at::Tensor*;

struct ScalarValue {
    int64_t kind;  // 0: integer, 1: floating point, 2: boolean
    int64_t integer;
    double real;
};

thread_local std::string error;
std::atomic<int64_t> live{0};

void remember_error() noexcept {
    try {
        throw;
    } catch (const c10::Error& e) {
        error = e.what_without_backtrace();
    } catch (const std::exception& e) {
        error = e.what();
    } catch (...) {
        error = "unknown exception in libtorch";
    }
}

Handle own(at::Tensor&& tensor) {
    auto handle = new at::Tensor(std::move(tensor));
    ++live;
    return handle;
}

template <class F>
Handle made(F&& f) noexcept {
    try {
        return own(f());
    } catch (...) {
        remember_error();
        return nullptr;
    }
}

template <class F>
int done(F&& f) noexcept {
    try {
        f();
        return 1;
    } catch (...) {
        remember_error();
        return 0;
    }
}

at::Scalar scalar(ScalarValue v) {
    if (v.kind == 1) return at::Scalar(v.real);
    return v.kind == 2 ? at::Scalar(v.integer != 0) : at::Scalar(v.integer);
}

at::IntArrayRef list(const int64_t* values, int64_t count) { return {values, static_cast<size_t>(count)}; }

at::TensorOptions options(int dtype, int device, int index) {
    return at::TensorOptions().dtype(static_cast<at::ScalarType>(dtype)).device(
        at::Device(static_cast<at::DeviceType>(device), static_cast<at::DeviceIndex>(index)));
}

c10::optional<at::ScalarType> maybe_type(int dtype) {
    return dtype < 0 ? c10::nullopt : c10::optional<at::ScalarType>(static_cast<at::ScalarType>(dtype));
}

c10::optional<at::Tensor> maybe(Handle t) { return t ? c10::optional<at::Tensor>(*t) : c10::nullopt; }

at::Tensor or_undefined(Handle t) { return t ? *t : at::Tensor(); }

std::vector<at::Tensor> gathered(const Handle* handles, int64_t count) {
    std::vector<at::Tensor> tensors;
    tensors.reserve(static_cast<size_t>(count));
    for (int64_t i = 0; i < count; i++) tensors.push_back(*handles[i]);
    return tensors;
}

int scattered(const std::vector<at::Tensor>& tensors, Handle* handles, int64_t capacity) {
    TORCH_CHECK(static_cast<int64_t>(tensors.size()) <= capacity, "more pieces than expected: ", tensors.size());
    int count = 0;
    for (const auto& tensor : tensors) handles[count++] = own(at::Tensor(tensor));
    return count;
}

// Written out where libtorch has it not yet in public; the scale goes to the smaller factor.
at::Tensor attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, Handle mask, double p, bool causal) {
#if TT_SINCE_2_0
    return at::scaled_dot_product_attention(q, k, v, maybe(mask), p, causal);
#else
    TORCH_CHECK(!(mask && causal), "scaled_dot_product_attention: attn_mask must not be set when is_causal is");
    auto scores = at::matmul(q * (1.0 / std::sqrt(static_cast<double>(q.size(-1)))), k.transpose(-2, -1));
    const auto never = -std::numeric_limits<float>::infinity();
    if (causal)
        scores = scores.masked_fill(at::ones({q.size(-2), k.size(-2)}, q.options().dtype(at::kBool)).triu(1), never);
    else if (mask)
        scores = mask->scalar_type() == at::kBool ? scores.masked_fill(mask->logical_not(), never) : scores + *mask;
    auto weights = at::softmax(scores, -1);
    return at::matmul(p > 0 ? at::dropout(weights, p, true) : weights, v);
#endif
}

// set_num_threads does not reach an OpenBLAS with a thread pool of its own (Debian's libopenblas0-pthread).
void blas_threads(int count) {
    using Setter = void (*)(int);
    if (auto setter = reinterpret_cast<Setter>(dlsym(RTLD_DEFAULT, "openblas_set_num_threads"))) setter(count);
}

// A step's tensors go all at once at its end; glibc would give their pages back each time and fault them in again: a tenth of a step.
__attribute__((constructor)) void keep_pages() {
    mallopt(M_MMAP_THRESHOLD, 32 << 20);
    mallopt(M_TRIM_THRESHOLD, 1 << 30);
}

at::Generator& cpu_generator() {
    return const_cast<at::Generator&>(at::globalContext().defaultGenerator(at::Device(at::kCPU)));
}

}  // namespace

#define TT extern "C" __attribute__((visibility("default")))
#define UNARY(name) TT Handle tt_##name(Handle a) { return made([&] { return a->name(); }); }
#define BINARY(name) TT Handle tt_##name(Handle a, Handle b) { return made([&] { return a->name(*b); }); }
#define WITH_SCALAR(name) \
    TT Handle tt_##name##_scalar(Handle a, ScalarValue b) { return made([&] { return a->name(scalar(b)); }); }
#define BOTH(name) BINARY(name) WITH_SCALAR(name)

TT const char* tt_error() { return error.c_str(); }
TT const char* tt_version() { return TORCH_VERSION; }
TT int64_t tt_live() { return live.load(); }

// Memory and properties
TT void tt_free(Handle a) {
    delete a;
    --live;
}
TT int64_t tt_numel(Handle a) { return a->numel(); }
TT int64_t tt_dim(Handle a) { return a->dim(); }
TT int64_t tt_element_size(Handle a) { return static_cast<int64_t>(a->element_size()); }
TT int tt_dtype(Handle a) { return static_cast<int>(a->scalar_type()); }
TT int tt_device_type(Handle a) { return static_cast<int>(a->device().type()); }
TT int tt_device_index(Handle a) { return a->device().index(); }
TT int tt_is_contiguous(Handle a) { return a->is_contiguous(); }
TT int tt_is_leaf(Handle a) { return a->is_leaf(); }
TT int tt_is_pinned(Handle a) { return a->is_pinned(); }
TT int64_t tt_storage_offset(Handle a) { return a->storage_offset(); }
TT void* tt_data(Handle a) { return a->data_ptr(); }
TT void tt_shape(Handle a, int64_t* to) { for (auto n : a->sizes()) *to++ = n; }
TT void tt_stride(Handle a, int64_t* to) { for (auto n : a->strides()) *to++ = n; }

// Autograd
TT int tt_requires_grad(Handle a) { return a->requires_grad(); }
TT int tt_set_requires_grad(Handle a, int on) { return done([&] { a->requires_grad_(on != 0); }); }
TT Handle tt_grad(Handle a) { return a->grad().defined() ? own(at::Tensor(a->grad())) : nullptr; }
TT int tt_set_grad(Handle a, Handle g) { return done([&] { a->mutable_grad() = or_undefined(g); }); }
TT int tt_backward(Handle a, int retain, int create) {
    return done([&] { a->backward({}, retain != 0, create != 0); });
}
TT int tt_grad_enabled() { return at::GradMode::is_enabled(); }
TT void tt_set_grad_enabled(int on) { at::GradMode::set_enabled(on != 0); }
TT void* tt_enter_inference(int on) { return new c10::InferenceMode(on != 0); }
TT void tt_leave_inference(void* guard) { delete static_cast<c10::InferenceMode*>(guard); }
TT int tt_set_data(Handle a, Handle b) { return done([&] { a->set_data(*b); }); }
UNARY(detach) UNARY(detach_) UNARY(alias)
TT Handle tt_set_(Handle a, Handle b) { return made([&] { return a->set_(*b); }); }

// Threads, random numbers, devices
TT int tt_get_num_threads() { return at::get_num_threads(); }
TT int tt_set_num_threads(int count) {
    return done([&] {
        at::set_num_threads(count);
        blas_threads(count);
    });
}
TT int tt_manual_seed(int64_t seed) { return done([&] { at::manual_seed(static_cast<uint64_t>(seed)); }); }
TT Handle tt_get_rng_state() {
    return made([] {
        std::lock_guard<std::mutex> lock(cpu_generator().mutex());
        return cpu_generator().get_state();
    });
}
TT int tt_set_rng_state(Handle state) {
    return done([&] {
        std::lock_guard<std::mutex> lock(cpu_generator().mutex());
        cpu_generator().set_state(*state);
    });
}
TT int tt_cuda_available() { return at::hasCUDA() && at::detail::getCUDAHooks().getNumGPUs() > 0; }
TT int tt_cuda_count() { return at::hasCUDA() ? static_cast<int>(at::detail::getCUDAHooks().getNumGPUs()) : 0; }
TT int tt_cuda_synchronize(int index) {
    return done([&] {
        const auto device = at::Device(at::kCUDA, static_cast<at::DeviceIndex>(index < 0 ? 0 : index));
        c10::impl::VirtualGuardImpl guard(at::kCUDA);
        guard.synchronizeStream(guard.getStream(device));
    });
}

// Making tensors
TT Handle tt_empty(const int64_t* size, int64_t n, int dtype, int device, int index) {
    return made([&] { return at::empty(list(size, n), options(dtype, device, index)); });
}
TT Handle tt_zeros(const int64_t* size, int64_t n, int dtype, int device, int index) {
    return made([&] { return at::zeros(list(size, n), options(dtype, device, index)); });
}
TT Handle tt_ones(const int64_t* size, int64_t n, int dtype, int device, int index) {
    return made([&] { return at::ones(list(size, n), options(dtype, device, index)); });
}
TT Handle tt_full(const int64_t* size, int64_t n, ScalarValue value, int dtype, int device, int index) {
    return made([&] { return at::full(list(size, n), scalar(value), options(dtype, device, index)); });
}
TT Handle tt_rand(const int64_t* size, int64_t n, int dtype, int device, int index) {
    return made([&] { return at::rand(list(size, n), options(dtype, device, index)); });
}
TT Handle tt_randn(const int64_t* size, int64_t n, int dtype, int device, int index) {
    return made([&] { return at::randn(list(size, n), options(dtype, device, index)); });
}
TT Handle tt_randint(int64_t low, int64_t high, const int64_t* size, int64_t n, int dtype, int device, int index) {
    return made([&] { return at::randint(low, high, list(size, n), options(dtype, device, index)); });
}
TT Handle tt_randperm(int64_t n, int dtype, int device, int index) {
    return made([&] { return at::randperm(n, options(dtype, device, index)); });
}
TT Handle tt_arange(ScalarValue start, ScalarValue stop, ScalarValue step, int dtype, int device, int index) {
    return made([&] { return at::arange(scalar(start), scalar(stop), scalar(step), options(dtype, device, index)); });
}
// The caller's memory is copied before the call returns.
TT Handle tt_from_memory(const void* data, const int64_t* size, int64_t n, int source, int dtype, int device, int index) {
    return made([&] {
        auto borrowed = at::from_blob(const_cast<void*>(data), list(size, n), options(source, 0, -1));
        return borrowed.to(options(dtype, device, index), false, true);
    });
}
TT Handle tt_to(Handle a, int dtype, int device, int index, int copy, int non_blocking) {
    return made([&] {
        auto to = a->options();
        if (dtype >= 0) to = to.dtype(static_cast<at::ScalarType>(dtype));
        if (device >= 0) to = to.device(at::Device(static_cast<at::DeviceType>(device), static_cast<at::DeviceIndex>(index)));
        return a->to(to, non_blocking != 0, copy != 0);
    });
}
TT Handle tt_cat(const Handle* tensors, int64_t n, int64_t dim) {
    return made([&] { return at::cat(gathered(tensors, n), dim); });
}
TT Handle tt_stack(const Handle* tensors, int64_t n, int64_t dim) {
    return made([&] { return at::stack(gathered(tensors, n), dim); });
}

// Shape
UNARY(clone) UNARY(contiguous) UNARY(t) UNARY(pin_memory) UNARY(squeeze)
TT Handle tt_view(Handle a, const int64_t* s, int64_t n) { return made([&] { return a->view(list(s, n)); }); }
TT Handle tt_reshape(Handle a, const int64_t* s, int64_t n) { return made([&] { return a->reshape(list(s, n)); }); }
TT Handle tt_expand(Handle a, const int64_t* s, int64_t n) { return made([&] { return a->expand(list(s, n)); }); }
TT Handle tt_permute(Handle a, const int64_t* s, int64_t n) { return made([&] { return a->permute(list(s, n)); }); }
TT Handle tt_transpose(Handle a, int64_t i, int64_t j) { return made([&] { return a->transpose(i, j); }); }
TT Handle tt_flatten(Handle a, int64_t from, int64_t to) { return made([&] { return a->flatten(from, to); }); }
TT Handle tt_unsqueeze(Handle a, int64_t dim) { return made([&] { return a->unsqueeze(dim); }); }
TT Handle tt_squeeze_dim(Handle a, int64_t dim) { return made([&] { return a->squeeze(dim); }); }
TT Handle tt_narrow(Handle a, int64_t dim, int64_t from, int64_t n) { return made([&] { return a->narrow(dim, from, n); }); }
TT Handle tt_slice(Handle a, int64_t dim, int64_t from, int64_t to, int64_t step) {
    return made([&] { return a->slice(dim, from, to, step); });
}
TT int tt_chunk(Handle a, int64_t chunks, int64_t dim, Handle* out) {
    int count = 0;
    return done([&] { count = scattered(a->chunk(chunks, dim), out, chunks); }) ? count : -1;
}
TT int tt_split(Handle a, int64_t size, int64_t dim, Handle* out, int64_t capacity) {
    int count = 0;
    return done([&] { count = scattered(a->split(size, dim), out, capacity); }) ? count : -1;
}
TT Handle tt_tril(Handle a, int64_t diagonal) { return made([&] { return a->tril(diagonal); }); }
TT Handle tt_gather(Handle a, int64_t dim, Handle i) { return made([&] { return a->gather(dim, *i); }); }
TT Handle tt_index_select(Handle a, int64_t dim, Handle i) { return made([&] { return a->index_select(dim, *i); }); }
TT Handle tt_masked_fill(Handle a, Handle m, ScalarValue v) { return made([&] { return a->masked_fill(*m, scalar(v)); }); }
TT Handle tt_where(Handle c, Handle x, Handle y) { return made([&] { return at::where(*c, *x, *y); }); }

// Arithmetic
UNARY(abs) UNARY(cos) UNARY(exp) UNARY(log) UNARY(neg) UNARY(relu) UNARY(relu_) UNARY(sign) UNARY(sin) UNARY(sqrt) UNARY(tanh)
UNARY(isinf) UNARY(isnan) UNARY(all) UNARY(any) UNARY(max) UNARY(min) UNARY(zero_)
BOTH(add) BOTH(sub) BOTH(mul) BOTH(div) BOTH(eq) BOTH(ne) BOTH(lt) BOTH(le) BOTH(gt) BOTH(ge) BOTH(pow)
BOTH(add_) BOTH(sub_) BOTH(mul_) BOTH(div_) WITH_SCALAR(fill_)
BINARY(matmul) BINARY(bmm)
TT Handle tt_add_alpha(Handle a, Handle b, ScalarValue c) { return made([&] { return a->add(*b, scalar(c)); }); }
TT Handle tt_add_alpha_(Handle a, Handle b, ScalarValue c) { return made([&] { return a->add_(*b, scalar(c)); }); }
TT Handle tt_copy_(Handle a, Handle b, int non_blocking) { return made([&] { return a->copy_(*b, non_blocking != 0); }); }
TT Handle tt_sum(Handle a, int dtype) { return made([&] { return a->sum(maybe_type(dtype)); }); }
TT Handle tt_sum_dims(Handle a, const int64_t* d, int64_t n, int keep, int dtype) {
    return made([&] { return a->sum(list(d, n), keep != 0, maybe_type(dtype)); });
}
TT Handle tt_mean(Handle a) { return made([&] { return a->mean(); }); }
TT Handle tt_mean_dims(Handle a, const int64_t* d, int64_t n, int keep, int dtype) {
    return made([&] { return a->mean(list(d, n), keep != 0, maybe_type(dtype)); });
}
TT Handle tt_std(Handle a, int unbiased) { return made([&] { return a->std(unbiased != 0); }); }
TT Handle tt_norm(Handle a, double p) { return made([&] { return a->norm(p); }); }
TT Handle tt_argmax(Handle a) { return made([&] { return a->argmax(); }); }
TT Handle tt_argmax_dim(Handle a, int64_t dim, int keep) { return made([&] { return a->argmax(dim, keep != 0); }); }
TT int tt_topk(Handle a, int64_t k, int64_t dim, int largest, int sorted, Handle* values, Handle* indices) {
    return done([&] {
        auto top = a->topk(k, dim, largest != 0, sorted != 0);
        *values = own(std::move(std::get<0>(top)));
        *indices = own(std::move(std::get<1>(top)));
    });
}
TT Handle tt_softmax(Handle a, int64_t dim, int dtype) { return made([&] { return a->softmax(dim, maybe_type(dtype)); }); }
TT Handle tt_log_softmax(Handle a, int64_t dim, int dtype) {
    return made([&] { return a->log_softmax(dim, maybe_type(dtype)); });
}
TT Handle tt_multinomial(Handle a, int64_t n, int replacement) {
    return made([&] { return a->multinomial(n, replacement != 0); });
}
TT Handle tt_normal_(Handle a, double mean, double std) { return made([&] { return a->normal_(mean, std); }); }
TT Handle tt_uniform_(Handle a, double from, double to) { return made([&] { return a->uniform_(from, to); }); }

// Networks
TT Handle tt_gelu(Handle a) { return made([&] { return at::gelu(*a); }); }
TT Handle tt_linear(Handle x, Handle w, Handle b) { return made([&] { return at::linear(*x, *w, maybe(b)); }); }
TT Handle tt_embedding(Handle w, Handle i, int64_t padding) { return made([&] { return at::embedding(*w, *i, padding); }); }
TT Handle tt_conv2d(Handle x, Handle w, Handle b, const int64_t* stride, const int64_t* padding, const int64_t* dilation, int64_t g) {
    return made([&] { return at::conv2d(*x, *w, maybe(b), list(stride, 2), list(padding, 2), list(dilation, 2), g); });
}
TT Handle tt_layer_norm(Handle x, const int64_t* shape, int64_t n, Handle w, Handle b, double eps) {
    return made([&] { return at::layer_norm(*x, list(shape, n), maybe(w), maybe(b), eps); });
}
TT Handle tt_group_norm(Handle x, int64_t groups, Handle w, Handle b, double eps) {
    return made([&] { return at::group_norm(*x, groups, maybe(w), maybe(b), eps); });
}
TT Handle tt_batch_norm(Handle x, Handle w, Handle b, Handle mean, Handle var, int training, double momentum, double eps) {
    return made([&] {
        return at::batch_norm(*x, maybe(w), maybe(b), maybe(mean), maybe(var), training != 0, momentum, eps, false);
    });
}
TT Handle tt_dropout(Handle x, double p, int training) { return made([&] { return at::dropout(*x, p, training != 0); }); }
TT Handle tt_max_pool2d(Handle x, const int64_t* kernel, const int64_t* stride, const int64_t* padding, const int64_t* dilation, int ceil) {
    return made([&] {
        return at::max_pool2d(*x, list(kernel, 2), list(stride, 2), list(padding, 2), list(dilation, 2), ceil != 0);
    });
}
TT Handle tt_avg_pool2d(Handle x, const int64_t* kernel, const int64_t* stride, const int64_t* padding, int ceil, int count_pad) {
    return made([&] { return at::avg_pool2d(*x, list(kernel, 2), list(stride, 2), list(padding, 2), ceil != 0, count_pad != 0); });
}
TT Handle tt_adaptive_avg_pool2d(Handle x, const int64_t* size) {
    return made([&] { return at::adaptive_avg_pool2d(*x, list(size, 2)); });
}
TT Handle tt_cross_entropy(Handle x, Handle target, Handle weight, int64_t ignore, int reduction, double smoothing) {
    return made([&] { return at::cross_entropy_loss(*x, *target, maybe(weight), reduction, ignore, smoothing); });
}
TT Handle tt_mse_loss(Handle x, Handle target, int reduction) { return made([&] { return at::mse_loss(*x, *target, reduction); }); }
TT Handle tt_attention(Handle q, Handle k, Handle v, Handle mask, double p, int causal) {
    return made([&] { return attention(*q, *k, *v, mask, p, causal != 0); });
}
