using BiMamba.IR;
using BiMamba.Pipeline;

namespace BiMamba.Bisection.Planting;

/// <summary>A real pass with a bug: its result is changed before anybody sees it.</summary>
internal sealed class FaultyPass(Pass pass, Func<Module, Module> fault) : Pass
{
    public override PassInfo Info => pass.Info;

    /// <summary>What the first run gave.</summary>
    public Module? Result { get; private set; }

    public override Module? Run(Module module, PassOptions options, PassContext context) =>
        pass.Run(module, options, context) is { } result ? Keep(fault(result)) : null;

    private Module Keep(Module result)
    {
        Result ??= result;
        return result;
    }
}
