namespace DecentralizedLion.Topology.Membership;

/// <summary>The state of one other peer, as it is known here.</summary>
sealed class RemotePeer(TimeProvider clock)
{
    const int AlikeInARow = 3;

    readonly RoundTripMeter meter = new(clock);
    long lastHeard, heartbeatAt, since, brokenAt;
    int otherVersion, alike;
    TimeSpan brokenFor;

    /// <summary>Its process; 0: it has not greeted.</summary>
    public ulong Session { get; private set; }

    /// <summary>Its disk.</summary>
    public ulong DiskId { get; private set; }

    /// <summary>The hello that it sent.</summary>
    public Hello? Hello { get; private set; }

    /// <summary>It has heard this very process of ours.</summary>
    public bool HasHeardUs { get; set; }

    /// <summary>Its last heartbeat's word; null: none yet.</summary>
    public Heartbeat? Heartbeat { get; private set; }

    /// <summary>The moment when its heartbeats began to say that it wants to leave; null: they do not.</summary>
    public long? LeaveAskedAt { get; private set; }

    /// <summary>The process of it whose frames are not taken any more; 0: none.</summary>
    public ulong ExcludedSession { get; private set; }

    /// <summary>The links say that its process is gone; any frame proves them wrong.</summary>
    public bool IsDisconnected { get; set; }

    /// <summary>So many asks to it in a row went unanswered that the link is taken to be broken for a while.</summary>
    public bool IsLinkBroken => brokenFor > TimeSpan.Zero && clock.GetElapsedTime(brokenAt) < brokenFor;

    /// <summary>It was suspected when last looked at; to tell the operator once.</summary>
    public bool WasSuspected { get; set; }

    public TimeSpan Silence => clock.GetElapsedTime(lastHeard);

    /// <summary>The time since this process of it became known.</summary>
    public TimeSpan Age => clock.GetElapsedTime(since);

    public TimeSpan HeartbeatAge => clock.GetElapsedTime(heartbeatAt);

    /// <summary>The measured round trips to it.</summary>
    public RoundTripEstimator RoundTrip => meter.Estimate;

    /// <summary>A process of the peer greeted.</summary>
    public void OnHello(ulong session, Hello hello)
    {
        if (session != Session)
        {
            (HasHeardUs, Heartbeat, LeaveAskedAt, brokenFor, since) = (false, null, null, default, clock.GetTimestamp());
            meter.ForgetEcho();
        }
        (Session, DiskId, Hello) = (session, hello.DiskId, hello);
        MarkHeard();
    }

    /// <summary>A frame of it says another protocol version than ours. One flipped bit makes such a frame; several in a row,
    /// alike and with none of our version between, come from another program.</summary>
    /// <returns>Whether that is what it is.</returns>
    public bool OnForeignVersion(int version)
    {
        (otherVersion, alike) = (version, version == otherVersion ? alike + 1 : 1);
        return alike >= AlikeInARow;
    }

    /// <summary>A frame of it is of our version.</summary>
    public void OnOwnVersion() => alike = 0;

    /// <summary>Any frame is a sign of life.</summary>
    public void MarkHeard() => (lastHeard, IsDisconnected) = (clock.GetTimestamp(), false);

    public void OnHeartbeat(Heartbeat heartbeat)
    {
        (Heartbeat, heartbeatAt) = (heartbeat, clock.GetTimestamp());
        meter.OnStamp(heartbeat.Stamp, HasHeardUs);
        LeaveAskedAt = heartbeat.Is(HeartbeatFlags.Leaving) ? LeaveAskedAt ?? heartbeatAt : null;
    }

    /// <summary>The stamp of a heartbeat that is sent to it now.</summary>
    public RoundTripStamp NextStamp() => meter.NextStamp();

    public void MarkLinkBroken(TimeSpan time) => (brokenAt, brokenFor) = (clock.GetTimestamp(), time);

    /// <summary>Nothing is taken of this process of it any more: it counts as gone.</summary>
    public void Exclude() => (ExcludedSession, IsDisconnected) = (Session, true);

    /// <summary>Nobody is to blame for a gap in our own clock (a suspended process): start to count anew.</summary>
    public void ResetSilence()
    {
        lastHeard = clock.GetTimestamp();
        meter.BeginAnew();
    }
}
