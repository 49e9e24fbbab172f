using System.Collections.Immutable;

namespace BiMamba.Formats.Spec;

/// <summary>A named integer.</summary>
public sealed record SpecConstant(string Name, long Value, string Doc, int Position);

/// <summary>A word of an enum.</summary>
/// <param name="Name">The word.</param>
/// <param name="Value">The stored integer.</param>
/// <param name="Block">What <c>block_of</c> gives: elements that are stored together; 1 where <c>block</c> is not written.</param>
/// <param name="Size">
/// What <c>bytes_of</c> gives, over <c>elements</c>, <c>blocks</c>, <c>rows</c> and <c>columns</c>; null where the word is
/// no encoding.
/// </param>
/// <param name="Doc">Its sentence.</param>
/// <param name="Position">Position in the spec text.</param>
public sealed record SpecMember(string Name, long Value, long Block, SpecExpression? Size, string Doc, int Position);

/// <summary>A closed vocabulary of integers; any other value is refused by name.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Storage">How it is stored.</param>
/// <param name="Class">The word after <c>else</c> for unknown values, a row of <see cref="SpecClasses"/>, or null.</param>
/// <param name="Doc">Its sentence.</param>
/// <param name="Members">Its words.</param>
/// <param name="Position">Position in the spec text.</param>
public sealed record SpecEnum(string Name, SpecType.Integer Storage, string? Class, string Doc, ImmutableArray<SpecMember> Members, int Position)
{
    /// <summary>The word of a value, or null.</summary>
    public SpecMember? Find(Int128 value)
    {
        foreach (var member in Members)
        {
            if (member.Value == value)
                return member;
        }

        return null;
    }

    /// <summary>The value of a word, or null.</summary>
    public SpecMember? Find(string name)
    {
        foreach (var member in Members)
        {
            if (member.Name == name)
                return member;
        }

        return null;
    }
}

/// <summary>Fields that follow each other without gaps.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Parameters">Names that each use gives a meaning to.</param>
/// <param name="Nested"><c>nested n</c>: most values of this record inside one another; 0 where it does not contain itself.</param>
/// <param name="Doc">Its sentence.</param>
/// <param name="Fields">Its fields.</param>
/// <param name="Position">Position in the spec text.</param>
public sealed record SpecRecord(string Name, ImmutableArray<string> Parameters, long Nested, string Doc, ImmutableArray<SpecField> Fields, int Position)
{
    /// <summary>The index of a field, or -1.</summary>
    public int IndexOf(string name)
    {
        for (var i = 0; i < Fields.Length; i++)
        {
            if (Fields[i].Name == name)
                return i;
        }

        return -1;
    }
}

/// <summary>One alternative of a union.</summary>
/// <param name="Name">Its name; a word of the enum where an enum selects the case.</param>
/// <param name="Tag">The stored integer, or the value of the word.</param>
/// <param name="Type">What is stored.</param>
/// <param name="Doc">Its sentence.</param>
/// <param name="Position">Position in the spec text.</param>
public sealed record SpecCase(string Name, long Tag, SpecType Type, string Doc, int Position);

/// <summary>A tag and the type that it selects.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Storage">How the tag is stored before the content; null where a field elsewhere is the tag.</param>
/// <param name="By">
/// <c>by e</c>: the enum of the field that each use names in brackets, <c>value(type)</c>; null where the tag is stored
/// before the content.
/// </param>
/// <param name="Class">The word after <c>else</c> for unknown tags, a row of <see cref="SpecClasses"/>, or null.</param>
/// <param name="Doc">Its sentence.</param>
/// <param name="Cases">Its alternatives.</param>
/// <param name="Position">Position in the spec text.</param>
public sealed record SpecUnion(string Name, SpecType.Integer? Storage, string? By, string? Class, string Doc, ImmutableArray<SpecCase> Cases, int Position)
{
    /// <summary>The case of a tag, or null.</summary>
    public SpecCase? Find(Int128 tag)
    {
        foreach (var item in Cases)
        {
            if (item.Tag == tag)
                return item;
        }

        return null;
    }
}

/// <summary>A parsed and checked description of a file format. The record <c>file</c> is the whole file.</summary>
public sealed class SpecFormat
{
    /// <summary>The name of the record that is the whole file.</summary>
    public const string RootName = "file";

    internal SpecFormat(string name, long version, string doc, IEnumerable<SpecConstant> constants, IEnumerable<SpecEnum> enums, IEnumerable<SpecRecord> records, IEnumerable<SpecUnion> unions)
    {
        Name = name;
        Version = version;
        Doc = doc;
        Constants = [.. constants];
        Enums = [.. enums];
        Records = [.. records];
        enumsByName = ByName(Enums, item => item.Name);
        Unions = [.. unions.Select(WithTags)];
        constantsByName = ByName(Constants, item => item.Name);
        recordsByName = ByName(Records, item => item.Name);
        unionsByName = ByName(Unions, item => item.Name);
    }

    private readonly Dictionary<string, SpecConstant> constantsByName;
    private readonly Dictionary<string, SpecEnum> enumsByName;
    private readonly Dictionary<string, SpecRecord> recordsByName;
    private readonly Dictionary<string, SpecUnion> unionsByName;

    // The first of two things of one name stands for both until the checker refuses the second.
    private static Dictionary<string, T> ByName<T>(ImmutableArray<T> items, Func<T, string> name)
    {
        var byName = new Dictionary<string, T>(items.Length, StringComparer.Ordinal);
        foreach (var item in items)
            byName.TryAdd(name(item), item);
        return byName;
    }

    // The tags of words are those of the enum, which stand there once; the checker refuses a case without a word.
    private SpecUnion WithTags(SpecUnion union) => union.By is { } by
        ? union with { Cases = [.. union.Cases.Select(item => item with { Tag = FindEnum(by)?.Find(item.Name)?.Value ?? -1 })] }
        : union;

    /// <summary>The name, which is the file extension too.</summary>
    public string Name { get; }

    /// <summary>The version of the layout.</summary>
    public long Version { get; }

    /// <summary>Its sentence.</summary>
    public string Doc { get; }

    /// <summary>Constants in written order.</summary>
    public ImmutableArray<SpecConstant> Constants { get; }

    /// <summary>Enums in written order.</summary>
    public ImmutableArray<SpecEnum> Enums { get; }

    /// <summary>Records in written order.</summary>
    public ImmutableArray<SpecRecord> Records { get; }

    /// <summary>Unions in written order.</summary>
    public ImmutableArray<SpecUnion> Unions { get; }

    /// <summary>The record of the whole file.</summary>
    public SpecRecord Root => recordsByName[RootName];

    /// <summary>The characters that every file begins with, or null where the format has no signature.</summary>
    public string? Signature
    {
        get
        {
            var record = Root;
            while (record.Fields is [{ Type: SpecType.Named named }, ..] && FindRecord(named.Name) is { } inner)
                record = inner;
            return record.Fields is [{ Type: SpecType.Bytes, Derivation: SpecExpression.Characters characters }, ..] ? characters.Value : null;
        }
    }

    /// <summary>A constant, or null.</summary>
    public SpecConstant? FindConstant(string name) => constantsByName.GetValueOrDefault(name);

    /// <summary>An enum, or null.</summary>
    public SpecEnum? FindEnum(string name) => enumsByName.GetValueOrDefault(name);

    /// <summary>A record, or null.</summary>
    public SpecRecord? FindRecord(string name) => recordsByName.GetValueOrDefault(name);

    /// <summary>A union, or null.</summary>
    public SpecUnion? FindUnion(string name) => unionsByName.GetValueOrDefault(name);
}
