namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static class init
        {
            public enum NonlinearityType
            {
                Linear = 0,
                Conv1D = 1,
                Conv2D = 2,
                Conv3D = 3,
                ConvTranspose1D = 4,
                ConvTranspose2D = 5,
                ConvTranspose3D = 6,
                Sigmoid = 7,
                Tanh = 8,
                ReLU = 9,
                LeakyReLU = 10,
            }

            public enum FanInOut
            {
                FanIn = 0,
                FanOut = 1,
            }

            public static double calculate_gain(NonlinearityType nonlinearity, double param = 0) => nonlinearity switch
            {
                NonlinearityType.Tanh => 5.0 / 3.0,
                NonlinearityType.ReLU => Math.Sqrt(2.0),
                NonlinearityType.LeakyReLU => Math.Sqrt(2.0 / (1 + (param * param))),
                _ => 1,
            };

            public static (long fanIn, long fanOut) CalculateFanInAndFanOut(Tensor tensor)
            {
                var shape = tensor.shape;
                if (shape.Length < 2)
                    throw new ArgumentException("Fan in and fan out can not be computed for tensor with fewer than 2 dimensions");
                long field = tensor.NumberOfElements / Math.Max(1, shape[0] * shape[1]);
                return (shape[1] * field, shape[0] * field);
            }

            public static Tensor constant_(Tensor tensor, Scalar val) => Quietly(tensor, t => t.fill_(val));

            public static Tensor zeros_(Tensor tensor) => Quietly(tensor, t => t.zero_());

            public static Tensor ones_(Tensor tensor) => Quietly(tensor, t => t.fill_(1));

            public static Tensor normal_(Tensor tensor, double mean = 0, double std = 1, Generator generator = null) =>
                Quietly(tensor, t => t.normal_(mean, std, generator));

            public static Tensor uniform_(Tensor tensor, double low = 0, double high = 1, Generator generator = null) =>
                Quietly(tensor, t => t.uniform_(low, high, generator));

            public static Tensor kaiming_uniform_(
                Tensor tensor, double a = 0, FanInOut mode = FanInOut.FanIn, NonlinearityType nonlinearity = NonlinearityType.LeakyReLU)
            {
                var (fanIn, fanOut) = CalculateFanInAndFanOut(tensor);
                double bound = Math.Sqrt(3.0) * calculate_gain(nonlinearity, a) / Math.Sqrt(mode == FanInOut.FanIn ? fanIn : fanOut);
                return uniform_(tensor, -bound, bound);
            }

            static Tensor Quietly(Tensor tensor, Func<Tensor, Tensor> fill)
            {
                using (no_grad())
                    return fill(tensor);
            }
        }
    }
}
