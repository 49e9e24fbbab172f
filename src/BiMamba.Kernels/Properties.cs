using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("BiMamba.Kernels.Tests")]
