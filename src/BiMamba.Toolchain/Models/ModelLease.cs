namespace BiMamba.Toolchain.Models;

/// <summary>
/// Closes what a model has open when nobody uses it any more: weights are read where the file is mapped, and a map that
/// goes away under a thread takes the process with it.
/// </summary>
/// <param name="owned">What is closed.</param>
internal sealed class ModelLease(IDisposable owned) : IDisposable
{
    private readonly Lock gate = new();
    private int users;
    private bool isDisposed;

    /// <summary>Keeps the model open until the result is disposed.</summary>
    /// <exception cref="ObjectDisposedException">The model was disposed.</exception>
    public IDisposable Take()
    {
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(isDisposed, typeof(Model));
            users++;
        }

        return new Use(this);
    }

    /// <summary>Refuses further users, and closes at once or when the last user is done.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            if (isDisposed)
                return;
            isDisposed = true;
            if (users > 0)
                return;
        }

        owned.Dispose();
    }

    private void Return()
    {
        lock (gate)
        {
            if (--users > 0 || !isDisposed)
                return;
        }

        owned.Dispose();
    }

    private sealed class Use(ModelLease lease) : IDisposable
    {
        private int isReturned;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref isReturned, 1) == 0)
                lease.Return();
        }
    }
}
