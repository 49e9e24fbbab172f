using System.Buffers;
using System.Text.Json;

namespace BiMamba.Synthesis;

/// <summary>Writes config.json in the form of state-spaces.</summary>
internal static class ConfigWriter
{
    /// <summary>The bytes of the file.</summary>
    public static byte[] Write(ModelShape shape)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
            Write(json, shape);
        buffer.Write("\n"u8);
        return buffer.WrittenSpan.ToArray();
    }

    private static void Write(Utf8JsonWriter json, ModelShape shape)
    {
        var mamba2 = shape.Architecture.IsMamba2;
        json.WriteStartObject();
        json.WriteNumber("d_model", shape.Width);
        if (mamba2)
            json.WriteNumber("d_intermediate", 0);
        json.WriteNumber("n_layer", shape.Layers);
        json.WriteNumber("vocab_size", shape.Vocabulary);
        WriteBlock(json, shape);
        if (mamba2)
        {
            json.WriteStartArray("attn_layer_idx");
            json.WriteEndArray();
            json.WriteStartObject("attn_cfg");
            json.WriteEndObject();
        }

        json.WriteBoolean("rms_norm", true);
        json.WriteBoolean("residual_in_fp32", true);
        json.WriteBoolean("fused_add_norm", true);
        json.WriteNumber("pad_vocab_size_multiple", shape.Architecture.VocabularyMultiple);
        json.WriteBoolean("tie_embeddings", true);
        json.WriteEndObject();
    }

    /// <summary>The settings of the block; the official files give only those that are not the defaults of the code.</summary>
    private static void WriteBlock(Utf8JsonWriter json, ModelShape shape)
    {
        json.WriteStartObject("ssm_cfg");
        if (shape.Architecture.IsMamba2)
            json.WriteString("layer", "Mamba2");
        if (shape.State != shape.Architecture.StateSize)
            json.WriteNumber("d_state", shape.State);
        if (shape.Architecture.IsMamba2 && shape.HeadWidth != ModelShape.DefaultHeadWidth)
            json.WriteNumber("headdim", shape.HeadWidth);
        json.WriteEndObject();
    }
}
