using System.Globalization;

namespace DecentralizedLion.Topology.Transport;

/// <summary>The result of dialling a peer: an outcome, and what an operator needs to know of it.</summary>
/// <param name="Outcome">The outcome.</param>
/// <param name="Host">The host that was dialled, as the roster has it.</param>
/// <param name="Port">The port that was dialled.</param>
/// <param name="Detail">A key, a peer's id, an address or an error that belongs to the outcome; empty: nothing.</param>
sealed record DialResult(DialOutcome Outcome, string Host, int Port, string Detail = "")
{
    /// <summary>The result in a sentence without an end, for an operator.</summary>
    /// <param name="peer">The id of the peer that was dialled.</param>
    /// <param name="self">This peer's id.</param>
    public string Describe(string peer, string self)
    {
        string at = string.Create(CultureInfo.InvariantCulture, $"{Host} port {Port}");
        return Outcome switch
        {
            DialOutcome.Connected => $"reached at {at}",
            DialOutcome.NameUnknown => $"the host name {Host} is unknown here",
            DialOutcome.NameTimedOut => $"no name server answers for the host name {Host}",
            DialOutcome.Refused => $"refused at {at}: the host answers, but nothing listens there",
            DialOutcome.NoRoute => $"no route leads to {at}{(Detail.Length > 0 ? $" ({Detail})" : "")}",
            DialOutcome.TimedOut => $"no answer from {at}",
            DialOutcome.NotAPeer => $"a program listens at {at} that is not a peer",
            DialOutcome.NotEncrypted => $"a peer without encryption listens at {at}",
            DialOutcome.Encrypted => $"a peer with encryption listens at {at}, and {self} has \"insecure\": true",
            DialOutcome.Self => $"{self} itself listens at {at}, not {peer}",
            DialOutcome.UnknownKey => $"the process at {at} has the key {Detail}, which {self}'s peers.json does not have",
            DialOutcome.OtherPeer => $"{Detail} listens at {at}, not {peer}",
            DialOutcome.OurKeyUnknown => $"{peer} at {at} does not have the key of {self} in its peers.json",
            DialOutcome.Closed => $"{peer} at {at} closed the connection before it was ready",
            DialOutcome.OtherVersion => $"{peer} at {at} runs another version of this program",
            _ => $"{at} could not be dialled ({Detail})",
        };
    }

    /// <summary>The result and its remedy in sentences, for an operator.</summary>
    /// <param name="peer">The id of the peer that was dialled.</param>
    /// <param name="self">This peer's id.</param>
    /// <param name="listeningPort">The port at which the peer says that it listens; 0: it has not said so.</param>
    public string Explain(string peer, string self, int listeningPort)
    {
        if (IsElsewhere(listeningPort))
            return string.Create(CultureInfo.InvariantCulture,
                $"{Describe(peer, self)}; {DescribeElsewhere(peer, listeningPort)}");
        return Advise(peer, self) is { Length: > 0 } advice ? $"{Describe(peer, self)}; {advice}" : Describe(peer, self);
    }

    /// <summary>True when a dial of one address of a peer got farther than that of another: it says more of what is
    /// wrong.</summary>
    public bool IsFurtherThan(DialResult other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Progress(Outcome) > Progress(other.Outcome);

        static int Progress(DialOutcome outcome) => outcome switch
        {
            DialOutcome.NoRoute or DialOutcome.Failed => 0,
            DialOutcome.TimedOut => 1,
            DialOutcome.Refused => 2,
            DialOutcome.NotAPeer => 3,
            DialOutcome.Connected => 5,
            _ => 4,
        };
    }

    /// <summary>True when the peer listens at another port than the one that was dialled in vain.</summary>
    public bool IsElsewhere(int listeningPort) => Outcome != DialOutcome.Connected && listeningPort != 0 && listeningPort != Port;

    /// <summary>The two ports that differ, for an operator.</summary>
    public string DescribeElsewhere(string peer, int listeningPort) => string.Create(CultureInfo.InvariantCulture,
        $"{peer} reaches this host and says that it listens at port {listeningPort}, and peers.json here has port {Port}: make "
            + $"peers.json equal on both hosts");

    /// <summary>The remedy for the operator of this host; empty when there is nothing to do.</summary>
    /// <param name="peer">The id of the peer that was dialled.</param>
    /// <param name="self">This peer's id.</param>
    /// <param name="program">What would answer there.</param>
    public string Advise(string peer, string self, string program = "peer run")
    {
        string port = string.Create(CultureInfo.InvariantCulture, $"port {Port}");
        return Outcome switch
        {
            DialOutcome.NameUnknown => $"compare {peer}'s address in peers.json with its host's name, or use its IP address",
            DialOutcome.NameTimedOut => $"check this host's name server, or use {peer}'s IP address in peers.json",
            DialOutcome.Refused =>
                $"start {program} on {peer}'s host; if it runs, compare {peer}'s address and port in peers.json on both hosts",
            DialOutcome.NoRoute => $"check the network between the hosts, and compare {peer}'s address in peers.json",
            DialOutcome.TimedOut => $"check that {peer}'s host is on, and open {port} in its firewall to {self}",
            DialOutcome.NotAPeer => $"compare {peer}'s address and port in peers.json on both hosts, or stop the other program",
            DialOutcome.NotEncrypted or DialOutcome.Encrypted =>
                $"make peers.json equal on both hosts: only one of them has \"insecure\": true",
            DialOutcome.Self =>
                $"compare {peer}'s address and port in peers.json with those of its host: they lead to {self}'s own",
            DialOutcome.UnknownKey => $"put the key that peer keygen printed on {peer}'s host into peers.json on all hosts",
            DialOutcome.OtherPeer => $"compare the addresses and ports of {peer} and {Detail} in peers.json on all hosts",
            DialOutcome.OurKeyUnknown => $"put {self}'s key line into peers.json on {peer}'s host",
            DialOutcome.OtherVersion => "use one version of the program on all hosts",
            _ => "",
        };
    }
}
