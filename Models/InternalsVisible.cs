using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("DecentralizedLion.Models.Tests")]
[assembly: InternalsVisibleTo("DecentralizedLion.Fuzz")]
