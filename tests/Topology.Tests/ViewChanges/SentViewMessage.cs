using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.ViewChanges;

namespace DecentralizedLion.Topology.Tests.ViewChanges;

/// <summary>A message about a view on its way.</summary>
readonly record struct SentViewMessage(int From, int To, FrameKind Kind, int Number, ViewMessage Message);
