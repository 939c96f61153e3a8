using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("DecentralizedLion.Models.Tests")]
