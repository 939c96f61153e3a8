namespace DecentralizedLion.Models.Datasets;

/// <summary>One image's variation: mirrored or not, then moved by so many pixels.</summary>
readonly record struct Variation(bool Mirrored, int Down, int Right);
