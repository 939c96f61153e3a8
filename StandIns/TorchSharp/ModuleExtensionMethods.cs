using static TorchSharp.torch;

namespace TorchSharp;

public static class ModuleExtensionMethods
{
    public static T to<T>(this T module, Device device, bool non_blocking = false)
        where T : nn.Module
    {
        bool there = module.parameters().Concat(module.buffers())
            .All(t => t.device_type == device.type && (device.index < 0 || t.device.index == device.index));
        if (!there)
            module.MoveTo(device);
        return module;
    }

    public static T cpu<T>(this T module, bool non_blocking = false)
        where T : nn.Module =>
        module.to(CPU, non_blocking);
}
