using System.Buffers;
using System.Text.Json;

namespace BiMamba.Export.Safetensors;

/// <summary>Writes configurations.</summary>
internal static class JsonConfig
{
    /// <summary>An indented object that ends with a line feed.</summary>
    public static byte[] Write(Action<Utf8JsonWriter> fields)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            json.WriteStartObject();
            fields(json);
            json.WriteEndObject();
        }

        buffer.Write("\n"u8);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>A list of numbers.</summary>
    public static void WriteNumbers(this Utf8JsonWriter json, string name, params ReadOnlySpan<double> numbers)
    {
        json.WriteStartArray(name);
        foreach (var number in numbers)
        {
            // JSON has no infinity; transformers reads the bare word, which json.dumps of Python writes.
            if (double.IsPositiveInfinity(number))
                json.WriteRawValue("Infinity", skipInputValidation: true);
            else
                json.WriteNumberValue(number);
        }

        json.WriteEndArray();
    }
}
