namespace TorchSharp;

public static partial class torch
{
    public static readonly Device CPU = new(DeviceType.CPU);

    public static Device CUDA => new(DeviceType.CUDA);

    public static Device device(string description) => new(description);

    public static Device device(string deviceType, int index = -1) => new(deviceType, index);

    public static Device device(DeviceType deviceType, int index = -1) => new(deviceType, index);

    public static Device device(int index) => new(index);

    public class Device
    {
        public Device(string description)
        {
            int colon = description.IndexOf(':', StringComparison.Ordinal);
            type = Named(colon < 0 ? description : description[..colon]);
            index = colon < 0 ? type == DeviceType.CUDA ? 0 : -1 : int.Parse(description.AsSpan(colon + 1));
        }

        public Device(string deviceType, int index = -1)
            : this(Named(deviceType), index)
        {
        }

        public Device(DeviceType deviceType, int index = -1)
        {
            type = deviceType;
            this.index = index < 0 && deviceType == DeviceType.CUDA ? 0 : index;
        }

        public Device(int index)
            : this(DeviceType.CUDA, index)
        {
        }

        public DeviceType type { get; }

        public int index { get; }

        public static implicit operator Device(string description) => new(description);

        public override string ToString() =>
            type == DeviceType.CPU ? "cpu" : $"{type.ToString().ToLowerInvariant()}:{Math.Max(index, 0)}";

        static DeviceType Named(string name) =>
            Enum.TryParse(name, ignoreCase: true, out DeviceType found)
                ? found
                : throw new ArgumentException($"Unrecognized device type string: {name}.");
    }
}
