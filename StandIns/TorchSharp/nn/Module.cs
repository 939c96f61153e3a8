using System.Reflection;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>Parameters, buffers and submodules by name, in the order of their fields or of their registration.</summary>
        public class Module(string name) : IDisposable
        {
            readonly List<(string Name, Modules.Parameter Value)> ownParameters = [];
            readonly List<(string Name, Tensor Value, bool Persistent)> ownBuffers = [];
            readonly List<(string Name, Module Value)> ownModules = [];
            bool registered;

            public virtual bool training { get; private set; } = true;

            public virtual string GetName() => name;

            public virtual void train(bool train = true)
            {
                training = train;
                foreach (var (_, module) in ownModules)
                    module.train(train);
            }

            public virtual void eval() => train(false);

            public virtual void zero_grad(bool set_to_none = true)
            {
                foreach (var parameter in parameters())
                {
                    using var found = parameter.grad;
                    if (found is null)
                        continue;
                    if (set_to_none)
                        parameter.grad = null;
                    else
                        found.zero_();
                }
            }

            public virtual Module apply(Action<Module> fn)
            {
                foreach (var (_, module) in ownModules)
                    module.apply(fn);
                fn(this);
                return this;
            }

            public virtual IEnumerable<Module> children() => ownModules.Select(m => m.Value);

            public virtual IEnumerable<(string name, Module module)> named_children() => ownModules.Select(m => (m.Name, m.Value));

            public virtual IEnumerable<(string name, Module module)> named_modules()
            {
                foreach (var (own, module) in ownModules)
                {
                    yield return (own, module);
                    foreach (var (inner, innermost) in module.named_modules())
                        yield return ($"{own}.{inner}", innermost);
                }
            }

            public virtual IEnumerable<Module> modules() => named_modules().Select(m => m.module);

            public virtual IEnumerable<(string name, Modules.Parameter parameter)> named_parameters(bool recurse = true)
            {
                var seen = new HashSet<Modules.Parameter>(ReferenceEqualityComparer.Instance);
                foreach (var (own, value) in ownParameters)
                {
                    if (seen.Add(value))
                        yield return (own, value);
                }

                if (!recurse)
                    yield break;
                foreach (var (own, module) in ownModules)
                {
                    foreach (var (inner, value) in module.named_parameters())
                    {
                        if (seen.Add(value))
                            yield return ($"{own}.{inner}", value);
                    }
                }
            }

            public virtual IEnumerable<Modules.Parameter> parameters(bool recurse = true) =>
                named_parameters(recurse).Select(p => p.parameter);

            public virtual IEnumerable<(string name, Tensor buffer)> named_buffers(bool recurse = true, bool include_nonpersistent = true)
            {
                foreach (var (own, value, persistent) in ownBuffers)
                {
                    if (persistent || include_nonpersistent)
                        yield return (own, value);
                }

                if (!recurse)
                    yield break;
                foreach (var (own, module) in ownModules)
                {
                    foreach (var (inner, value) in module.named_buffers(true, include_nonpersistent))
                        yield return ($"{own}.{inner}", value);
                }
            }

            public virtual IEnumerable<Tensor> buffers(bool recurse = true, bool include_nonpersistent = true) =>
                named_buffers(recurse, include_nonpersistent).Select(b => b.buffer);

            public virtual void register_parameter(string name, Modules.Parameter param)
            {
                if (ownParameters.Any(p => p.Name == name))
                    throw new ArgumentException($"Parameter {name} is already registered.");
                if (param is null)
                    return;
                param.DetachFromDisposeScope();
                ownParameters.Add((name, param));
            }

            public virtual void register_buffer(string name, Tensor tensor, bool persistent = true)
            {
                tensor.DetachFromDisposeScope();
                ownBuffers.Add((name, tensor, persistent));
            }

            public virtual void register_module(string name, Module submodule)
            {
                if (submodule is null)
                    return;
                if (name.Contains('.', StringComparison.Ordinal))
                    throw new ArgumentException($"module name can't contain \".\", got: {name}");
                if (ownModules.Any(m => m.Name == name))
                    throw new ArgumentException($"Sub-module {name} is already registered.");
                submodule.RegisterComponents();
                ownModules.Add((name, submodule));
            }

            public void add_module(string name, Module module) => register_module(name, module);

            /// <summary>Registers this object's fields: modules, parameters and, as buffers, other tensors.</summary>
            protected virtual void RegisterComponents()
            {
                if (registered)
                    return;
                registered = true;
                foreach (var field in GetType().GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic))
                {
                    switch (field.GetValue(this))
                    {
                        case Module module:
                            register_module(field.Name, module);
                            break;
                        case Modules.Parameter parameter:
                            register_parameter(field.Name, parameter);
                            break;
                        case Tensor tensor:
                            register_buffer(field.Name, tensor);
                            break;
                    }
                }
            }

            internal void MoveTo(Device device)
            {
                // The handles keep their place and change what they hold; gradients are left behind, as in the real package's copies.
                foreach (var tensor in parameters().Concat(buffers()))
                {
                    using var moved = tensor.detach().DetachFromDisposeScope();
                    using var there = moved.to(device, copy: true);
                    Interop.Native.Check(Interop.Native.tt_set_data(tensor, there));
                    tensor.grad = null;
                }
            }

            public void Dispose()
            {
                Dispose(true);
                GC.SuppressFinalize(this);
            }

            protected virtual void Dispose(bool disposing)
            {
                if (!disposing)
                    return;
                foreach (var (_, parameter) in ownParameters)
                    parameter.Dispose();
                foreach (var (_, buffer, _) in ownBuffers)
                    buffer.Dispose();
                foreach (var (_, module) in ownModules)
                    module.Dispose();
            }
        }

        public abstract class HookableModule<TPreHook, TPostHook>(string name) : Module(name);

        public abstract class Module<T, TResult>(string name)
            : HookableModule<Func<Module<T, TResult>, T, T>, Func<Module<T, TResult>, T, TResult, TResult>>(name)
        {
            public abstract TResult forward(T input);

            public TResult call(T input) => forward(input);
        }
    }
}
