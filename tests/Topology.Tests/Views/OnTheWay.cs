using DecentralizedLion.Codecs;
using DecentralizedLion.Topology.Views;

namespace DecentralizedLion.Topology.Tests.Views;

/// <summary>A message about a view on its way.</summary>
readonly record struct OnTheWay(int From, int To, FrameKind Kind, int Number, ViewMessage Message);
