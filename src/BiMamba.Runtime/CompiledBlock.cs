using System.Collections.Immutable;
using BiMamba.Runtime.Nodes;

namespace BiMamba.Runtime;

/// <summary>A block made ready to run.</summary>
/// <param name="Nodes">Ops in order.</param>
/// <param name="TakesIds">True where the parameter is the token ids.</param>
/// <param name="Parameter">Slot of the parameter, where it is features.</param>
/// <param name="Return">Slot of the result.</param>
/// <param name="ArenaLength">Elements of the arena that the block uses.</param>
/// <param name="Values">Every value by name, in the order of definition. No slot is used twice, so that all of them are there when the block has run.</param>
internal sealed record CompiledBlock(
    ImmutableArray<Node> Nodes, bool TakesIds, Slot Parameter, Slot Return, int ArenaLength, ImmutableArray<KeyValuePair<string, Slot>> Values);
