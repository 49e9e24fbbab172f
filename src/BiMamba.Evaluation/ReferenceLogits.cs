using BiMamba.Runtime;

namespace BiMamba.Evaluation;

/// <summary>
/// The logits of a reference model over windows, in fp32 as the model gives them. They are kept after the first pass where
/// all of them fit a limit, and computed anew for every pass where they do not. Not safe for concurrent use.
/// </summary>
public sealed class ReferenceLogits
{
    /// <summary>Bytes of logits that are kept where nothing else is said: 4 windows of 1024 tokens at 50280 rows fit.</summary>
    public const long DefaultLimit = 1L << 30;

    private readonly ModelRunner runner;
    private readonly ModelState state;
    private readonly float[]?[] kept;
    private float[] buffer = [];
    private (int Window, int Token) next;

    /// <summary>Nothing is computed before it is read.</summary>
    /// <param name="runner">The reference.</param>
    /// <param name="plan">The windows.</param>
    /// <param name="limit">Most bytes of logits to keep.</param>
    public ReferenceLogits(ModelRunner runner, WindowPlan plan, long limit = DefaultLimit)
    {
        (this.runner, Plan) = (runner, plan);
        state = runner.NewState();
        kept = new float[plan.Count][];
        IsKept = plan.Windows.Sum(window => (long)window.Ids.Length) * (Int128)(runner.VocabularyRows * sizeof(float)) <= limit;
    }

    /// <summary>The windows.</summary>
    public WindowPlan Plan { get; }

    /// <summary>The reference.</summary>
    internal ModelRunner Runner => runner;

    /// <summary>Logits of a token.</summary>
    public int VocabularyRows => runner.VocabularyRows;

    /// <summary>True where logits are kept, so that only the first pass over the windows runs the reference.</summary>
    public bool IsKept { get; }

    /// <summary>[count, vocabulary rows] logits, valid until the next call. The tokens of a window are read in order, from its first.</summary>
    /// <param name="window">The window.</param>
    /// <param name="first">The first token in it.</param>
    /// <param name="count">Tokens.</param>
    /// <param name="cancellation">Stops the run.</param>
    /// <exception cref="InvalidOperationException">Tokens of a window that is not kept are not read in order.</exception>
    public ReadOnlyMemory<float> Read(int window, int first, int count, CancellationToken cancellation)
    {
        if (IsKept)
            return (kept[window] ??= RunWindow(window, cancellation)).AsMemory(first * VocabularyRows, count * VocabularyRows);
        if (first == 0)
            Begin(window);
        if (next != (window, first))
            throw new InvalidOperationException($"window {window} is read at token {first}, but the reference stands at token {next.Token} of window {next.Window}");
        if (buffer.Length < count * VocabularyRows)
            buffer = new float[checked(count * VocabularyRows)];
        Run(window, first, count, buffer, cancellation);
        next = (window, first + count);
        return buffer.AsMemory(0, count * VocabularyRows);
    }

    private float[] RunWindow(int window, CancellationToken cancellation)
    {
        var logits = new float[checked(Plan.Window(window).Length * VocabularyRows)];
        state.Reset();
        Run(window, 0, Plan.Window(window).Length, logits, cancellation);
        return logits;
    }

    private void Begin(int window)
    {
        state.Reset();
        next = (window, 0);
    }

    private void Run(int window, int first, int count, float[] target, CancellationToken cancellation) => runner.Run(
        state,
        Plan.Window(window).Slice(first, count),
        (row, rows) => rows.Values[..(rows.Count * rows.Width)].CopyTo(target.AsSpan(row * rows.Width)),
        null,
        cancellation);
}
