using DecentralizedLion.Topology;
using DecentralizedLion.Topology.Diagnostics;
using DecentralizedLion.Topology.Transport;

namespace DecentralizedLion.Peer.Doctor;

/// <summary>What was found out about links, in plain words: a line each way.</summary>
/// <param name="roster">All peers.</param>
/// <param name="self">This one.</param>
/// <param name="runs">Whether this peer runs here now: it has our ports, and what others send goes to it.</param>
public sealed class LinkVerdicts(Roster roster, RosterEntry self, bool runs)
{
    /// <summary>The lines about one other peer.</summary>
    public IEnumerable<CheckResult> Of(LinkFinding finding)
    {
        var other = roster.Peers[finding.Peer];
        yield return Outward(other, finding);
        yield return Inward(other, finding);
        var differences = finding.Differences;
        if (differences.Count > 0)
            yield return CheckResult.Failed($"{self.Id} = {other.Id}", $"they are set up differently: {FingerprintDifference.Text(differences)}",
                differences.Any(difference => difference.Field == "protocol") ? "use the same version of the program on all hosts"
                    : differences.All(difference => difference.Field is "data.digest" or "data.shape" or "data.classes") ? "the data must be the same on all hosts: compare the files"
                    : "make peers.json the same on all hosts");
    }

    CheckResult Outward(RosterEntry other, LinkFinding finding)
    {
        var (check, port) = ($"{self.Id} → {other.Id}", roster.PortFor(other.Index, self.Index));
        var at = $"{other.Address} port {port}";
        if (finding.HearsUs && !finding.CarriesLongFrames)
            return CheckResult.Warning(check, $"reached at {at}, but a frame of 1 MiB did not come back in time", "if the link is not just slow (try a longer --wait), something on the "
                + "way loses large packets: look at the MTU of a VPN or tunnel between the hosts");
        if (finding.HearsUs)
            return CheckResult.Ok(check, $"reached at {at}" + (finding.RoundTrip is { } trip ? $", {Sizes.Text(trip)} there and back" : "")
                + (finding.Differences.Count == 0 ? "; set up alike" : ""));
        if (finding.Dial is { } dial && dial.IsElsewhere(finding.ListeningPort))
            return CheckResult.Failed(check, dial.Describe(other.Id, self.Id), dial.DescribeElsewhere(other.Id, finding.ListeningPort));
        if (finding.Dial is { Outcome: not (DialOutcome.Connected or DialOutcome.Closed) } failed)
            return CheckResult.Failed(check, failed.Describe(other.Id, self.Id), failed.Advise(other.Id, self.Id));
        if (!finding.IsConnected && !finding.Heard)
            return CheckResult.Warning(check, $"a peer listens at {at}, and did not answer in time", "try again, with a longer --wait");
        if (runs)
            return CheckResult.Ok(check, $"reached at {at}");
        return finding.Heard
            ? CheckResult.Failed(check, $"one way only: we hear {other.Id}, and it does not answer at {at}",
                $"compare the addresses and ports of {other.Id} in peers.json on both hosts; or it is only just starting: try again")
            : CheckResult.Ok(check, $"reached at {at}; it does not answer, see the next line");
    }

    CheckResult Inward(RosterEntry other, LinkFinding finding)
    {
        var (check, port) = ($"{other.Id} → {self.Id}", roster.PortFor(self.Index, other.Index));
        if (finding.Heard)
            return CheckResult.Ok(check, $"heard at port {port}");
        if (finding.Hindrance is not null)
            return CheckResult.Warning(check, $"not looked at: port {port} is taken", runs ? $"stop this host's peer run for a moment, or run peer doctor on {other.Id}'s host" : null);
        var reached = finding.IsConnected && finding.Dial is { Outcome: DialOutcome.Connected };
        return reached
            ? CheckResult.Failed(check, $"one way only: we reach {other.Id}, and nothing of it comes to our port {port}",
                $"{other.Id} must reach {self.Address} port {port}: open it in this host's firewall to {other.Id}, and compare {self.Id}'s address and port on both hosts")
            : CheckResult.Warning(check, $"nothing came to port {port} yet, as {other.Id} is not reached either");
    }
}
